"""When marks say more than themselves: an average falls below what a guardian set (B-11), marks decline (G-04).

A group is looked at when its marks were left alone for a moment, so that a column typed cell by cell is one look.
Averages are those of the marks page: of the subject, in the term of the newest mark. Only a crossing is told: who
wishes for a threshold that the average is below already hears nothing of it until it has risen and fallen again.
"""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid5

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from services.notify.deliveries import AGAIN, DROPPED, STALE, UNSEEN
from shared.postgres import Conn

QUIET = timedelta(seconds=5)
"""So long a group's marks are left alone before they are looked at."""

LATELY = 5
"""The last five marks of a subject are held against those before them in the term, which are at least as many."""

DECLINE = {"five": "1", "letters": "1", "hundred": "20"}
"""A decline is at least so much lower an average."""

RESTS = timedelta(days=30)
"""A decline in a subject is told once in this time."""

TAKE = """
DELETE FROM standing_due WHERE group_id IN (
    SELECT group_id FROM standing_due JOIN access_groups USING (group_id) WHERE at <= clock_timestamp() - %s
    ORDER BY at LIMIT 20 FOR UPDATE OF standing_due SKIP LOCKED)
RETURNING group_id, newest
"""
# where the calendar has no term for the day, the ninety days before it are one
LOOK = """
WITH looked AS (
    SELECT d.newest, g.subject, g.school_id, g.group_id, coalesce((
        SELECT max(t.starts) FROM standing_terms t JOIN access_schools s USING (district_id)
        WHERE s.school_id = g.school_id AND d.newest BETWEEN t.starts AND t.ends), d.newest - 90) AS since
    FROM unnest(%(groups)s::uuid[], %(newest)s::date[]) AS d (group_id, newest) JOIN access_groups g USING (group_id)
), learns AS (
    SELECT DISTINCT ON (m.person_id, looked.subject) m.person_id AS pupil_id, looked.*
    FROM looked JOIN access_members m ON m.group_id = looked.group_id AND looked.newest BETWEEN m.starts AND m.ends
    ORDER BY m.person_id, looked.subject, looked.newest DESC
), marks AS (
    SELECT l.pupil_id, l.subject, w.scale, w.weight, s.points, s.count, s.at, row_number() OVER (
        PARTITION BY l.pupil_id, l.subject ORDER BY w.on_date DESC, w.number DESC, s.at DESC, s.work_id) AS back
    FROM learns l
    JOIN LATERAL (
        SELECT DISTINCT m.group_id FROM access_members m JOIN access_groups g USING (group_id)
        WHERE m.person_id = l.pupil_id AND g.subject = l.subject) AS learnt ON true
    JOIN standing_marks s ON s.pupil_id = l.pupil_id AND s.group_id = learnt.group_id AND s.count > 0
    JOIN standing_works w ON w.work_id = s.work_id AND w.on_date >= l.since
), sums AS (
    SELECT pupil_id, subject, scale, max(at) AS at, min(back) AS back, count(*) - %(lately)s AS before,
        round(sum(points * weight) / nullif(sum(count * weight), 0), 2) AS average,
        round(sum(points * weight) FILTER (WHERE back <= %(lately)s)
            / nullif(sum(count * weight) FILTER (WHERE back <= %(lately)s), 0), 2) AS lately,
        round(sum(points * weight) FILTER (WHERE back > %(lately)s)
            / nullif(sum(count * weight) FILTER (WHERE back > %(lately)s), 0), 2) AS earlier
    FROM marks GROUP BY pupil_id, subject, scale
), stands AS (
    SELECT l.pupil_id, l.subject, l.school_id, l.group_id, l.newest, l.since, s.at, s.average, s.lately, s.earlier,
        coalesce(s.before >= %(lately)s AND s.earlier - s.lately >= (%(decline)s::jsonb ->> s.scale)::numeric, false)
            AS declined
    FROM learns l LEFT JOIN sums s ON s.pupil_id = l.pupil_id AND s.subject = l.subject AND s.back = 1
), kept AS (
    INSERT INTO standing_known AS known (pupil_id, subject, since, average, declined)
    SELECT pupil_id, subject, since, average, declined FROM stands ORDER BY pupil_id, subject
    ON CONFLICT (pupil_id, subject) DO UPDATE SET
        since = excluded.since, average = excluded.average, declined = excluded.declined
    WHERE excluded.since >= known.since AND (excluded.since, excluded.average, excluded.declined)
        IS DISTINCT FROM (known.since, known.average, known.declined)
    RETURNING new.pupil_id, new.subject, CASE WHEN old.since = new.since THEN old.average END AS was,
        new.declined AND NOT old.declined AS declines, old.declined_on
), wished AS (
    SELECT t.* FROM thresholds t JOIN access_family f ON f.pupil_id = t.pupil_id AND f.guardian_id = t.person_id
    WHERE 'notices' = ANY (f.rights)
)
SELECT s.*, k.was, k.declines AND coalesce(k.declined_on <= s.newest - %(rests)s, true) AS declines,
    w.person_id, w.below, coalesce(s.average < w.below, false) AS fell
FROM kept k JOIN stands s USING (pupil_id, subject)
LEFT JOIN wished w ON w.pupil_id = k.pupil_id AND (k.was IS NOT NULL OR s.at > w.at)
    AND coalesce(s.average < w.below, false) <> coalesce(k.was < w.below, false)
WHERE s.newest >= %(oldest)s AND (k.declines OR w.person_id IS NOT NULL)
"""
DECLINED = "UPDATE standing_known SET declined_on = %s WHERE pupil_id = %s AND subject = %s"
NOTE = """
INSERT INTO notices (notice_id, kind, school_id, pupil_id, person_ids, object_id, group_id, event_id, at, data)
VALUES (%s, %s, %s, %s, %s, %s, %s, 'crossing', now(), %s)
ON CONFLICT (notice_id) DO UPDATE SET at = excluded.at, data = excluded.data, owed_at = NULL
RETURNING old.notice_id
"""
ROSE = "UPDATE notices SET at = now(), data = data || %s WHERE notice_id = %s AND NOT data ? 'before'"


def tell(conn: Conn, today: date) -> list[UUID]:
    """Look at groups whose marks came to rest. Returns whose notices say something else now."""
    due = conn.execute(TAKE, [QUIET]).fetchall()
    if not due:
        return []
    facts = {"groups": [group for group, _ in due], "newest": [newest for _, newest in due], "oldest": today - STALE}
    facts |= {"lately": LATELY, "decline": Jsonb(DECLINE), "rests": RESTS.days}
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(LOOK, facts).fetchall()
    declined = {(row["pupil_id"], row["subject"]): row for row in rows if row["declines"]}
    for row in declined.values():
        _decline(conn, row)
    return [person for row in rows if row["person_id"] is not None for person in _cross(conn, row)]


def _decline(conn: Conn, row: dict[str, Any]) -> None:
    conn.execute(DECLINED, [row["newest"], row["pupil_id"], row["subject"]])
    id_ = uuid5(row["pupil_id"], f"decline/{row['subject']}/{row['newest']}")
    data = {"lately": str(row["lately"]), "earlier": str(row["earlier"])}
    told: list[UUID] = []
    place = (row["school_id"], row["pupil_id"], told, row["group_id"], row["group_id"])
    conn.execute(NOTE, [id_, "decline", *place, Jsonb(data)])


def _cross(conn: Conn, row: dict[str, Any]) -> list[UUID]:
    """Below: it is told, by letter too. Not below any more: what was told says so, without a letter."""
    person, pupil = row["person_id"], row["pupil_id"]
    id_ = uuid5(person, f"threshold/{pupil}/{row['subject']}/{row['since']}")
    data = {"average": str(row["average"]), "below": f"{row['below'].normalize():f}"}
    if row["fell"]:
        place = (row["school_id"], pupil, [person], row["group_id"], row["group_id"])
        replaced = conn.execute(NOTE, [id_, "threshold", *place, Jsonb(data)]).fetchone()
        return [p for (p,) in conn.execute(AGAIN, [list(replaced or ())])]
    if conn.execute(ROSE, [Jsonb({**data, "before": str(row["was"])}), id_]).rowcount:
        conn.execute(UNSEEN, [[id_]])
        conn.execute(DROPPED, [[id_]])
        return [person]
    return []
