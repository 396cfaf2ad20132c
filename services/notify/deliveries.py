"""Owed messages. Acts from now: events older than its beginning make none, and a rebuild sends nothing.

A notice is what happened to whom; a delivery is one person told by one channel. Ids are derived from what happened,
the person and the channel, so that an event which comes again changes nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, LiteralString
from uuid import UUID, uuid5

from psycopg.rows import dict_row

from services.notify.wishes import DEFAULTS
from shared.contracts import Event, Json
from shared.contracts.attendance import (
    AbsenceAnnounced,
    AbsenceDecided,
    AbsenceWithdrawn,
    Presence,
    PresenceCorrected,
    RollTaken,
)
from shared.contracts.envelope import Received
from shared.contracts.grades import (
    CouncilBegun,
    CouncilWithdrawn,
    MarkCorrected,
    MarkRemoved,
    MarksDrafted,
    MarksGiven,
    PhrasesSet,
    PublicationPlanned,
    ReopeningAsked,
    ReopeningDecided,
    RuleSet,
    SheetLocked,
    TargetSet,
    TermGradeCorrected,
    TermGraded,
    TermPublished,
    WorkChanged,
    WorkOpened,
    WorkPublished,
    WorkRemoved,
)
from shared.contracts.messaging import (
    CommentWritten,
    ConversationOpened,
    MessageSent,
    MessagesSeen,
    RemarkMade,
    RemarkReworded,
    RemarkShown,
    RemarkWithdrawn,
    WeekSigned,
)
from shared.postgres import Conn, records
from shared.stream import Projection

STALE = timedelta(days=7)
"""Nobody is told of a lesson longer ago than this: history brought in later is read in the diary.

What is written beside an old record is news all the same.
"""


UNEXPLAINED = (None, "unexcused")
"""Reasons of an absence that are none."""


@dataclass(frozen=True, slots=True)
class Notice:
    """`quiet` replaces what was said before and sends no second letter."""

    kind: str
    object_id: UUID
    data: Json
    pupil_id: UUID | None = None
    person_ids: tuple[UUID, ...] = ()
    group_id: UUID | None = None
    on: date | None = None
    number: int | None = None
    quiet: bool = False

    @property
    def letter(self) -> bool:
        """Whether a letter may tell it: of absences that nobody has explained, the alarm of B-03."""
        return not self.quiet and self.data.get("reason") in UNEXPLAINED

    @property
    def id(self) -> UUID:
        family = "presence" if self.kind in ("absence", "late") else self.kind
        return uuid5(self.object_id, f"{family}/{self.pupil_id}/{self.data.get('message_id', '')}")


MAY_KNOW: LiteralString = """(
    n.pupil_id IS NULL OR n.pupil_id = d.person_id OR EXISTS (
        SELECT 1 FROM access_family f
        WHERE f.pupil_id = n.pupil_id AND f.guardian_id = d.person_id AND 'notices' = ANY (f.rights))
)"""
"""Whether the one told (`d`) still may know what the notice (`n`) says: asked when it is sent and when it is read."""

NOTE = """
INSERT INTO notices
    (notice_id, kind, school_id, pupil_id, person_ids, object_id, group_id, on_date, number, event_id, at, data)
SELECT id, kind, school, pupil, persons, object, "group", "on", number, event, at, data
FROM json_to_recordset(%s) AS t (
    id uuid, kind text, school uuid, pupil uuid, persons uuid[], object uuid, "group" uuid, "on" date,
    number smallint, event text, at timestamptz, data jsonb)
ON CONFLICT (notice_id) DO UPDATE SET
    kind = excluded.kind, event_id = excluded.event_id, at = excluded.at, data = excluded.data,
    owed_at = CASE WHEN %s THEN notices.owed_at END
RETURNING old.notice_id
"""
NOTED = (
    "id", "kind", "school", "pupil", "persons", "object", "group", "on", "number", "event", "at", "data",
)  # fmt: skip
UNSEEN = """
UPDATE deliveries SET state = 'sent', seen_at = NULL, done_at = now() WHERE notice_id = ANY (%s) AND channel = 'portal'
"""
DROPPED = """
UPDATE deliveries SET state = 'dropped', done_at = now(), error = 'corrected since'
WHERE notice_id = ANY (%s) AND channel <> 'portal' AND state = 'owed'
"""
OWED_AGAIN = """
UPDATE deliveries SET state = 'owed', done_at = NULL, error = NULL, next_try = now()
WHERE notice_id = ANY (%s) AND channel <> 'portal' AND state = 'dropped'
"""
AGAIN = """
UPDATE deliveries SET
    state = CASE WHEN channel = 'portal' THEN 'sent' ELSE 'owed' END, seen_at = NULL, error = NULL, tries = 0,
    next_try = now(), done_at = CASE WHEN channel = 'portal' THEN now() END
WHERE notice_id = ANY (%s)
RETURNING person_id
"""
"""What takes the place of a notice is news again, by letter too."""


def apply(conn: Conn, received: Sequence[Received]) -> None:
    """Write the notices of a batch, in their order.

    What replaces an earlier one is unread again. A quiet one drops letters not sent yet; what is news after a quiet
    one (a mark given again) owes a letter to those who had none. The one who had a letter gets no second.
    """
    for quiet, rows in _runs(received):
        written = conn.execute(NOTE, [records(NOTED, [_row(one, n) for one, n in rows.values()]), quiet])
        if replaced := [id_ for (id_,) in written if id_ is not None]:  # a new one has no deliveries yet
            conn.execute(UNSEEN, [replaced])
            if quiet:
                conn.execute(DROPPED, [replaced])
            conn.execute(OWED_AGAIN, [[id_ for id_ in replaced if rows[id_][1].letter]])


def _runs(received: Sequence[Received]) -> Iterator[tuple[bool, dict[UUID, tuple[Received, Notice]]]]:
    """Notices that one statement can write: quiet or not alike, and none of them twice."""
    run: dict[UUID, tuple[Received, Notice]] = {}
    silent = False
    for one in received:
        said = {notice.id: (one, notice) for notice in (*notices(one.event), *of_journal(one))}
        if not said:
            continue
        quiet = all(notice.quiet for _, notice in said.values())  # an event's notices are all of one sort
        if run and (quiet != silent or run.keys() & said):
            yield silent, run
            run = {}
        silent = quiet
        run |= said
    if run:
        yield silent, run


def _row(one: Received, n: Notice) -> tuple[object, ...]:
    place = (n.pupil_id, n.person_ids, n.object_id, n.group_id, n.on, n.number)
    return (n.id, n.kind, one.envelope.key, *place, one.id, one.time, n.data)


def notices(event: Event) -> Iterator[Notice]:
    """What an event says to people."""
    match event:
        case MarksGiven(work_id=work, marks=marks):
            for mark in marks:
                yield Notice("mark", work, {"values": mark.values}, mark.pupil_id)
        case MarkCorrected(work_id=work, pupil_id=pupil, before=before, after=after):
            yield Notice("mark", work, {"values": after, "before": before}, pupil, quiet=True)
        case MarkRemoved(work_id=work, pupil_id=pupil, before=before):
            yield Notice("mark", work, {"values": [], "before": before}, pupil, quiet=True)
        case TermPublished(term=term, on=on, pupils=pupils):
            for one in pupils:
                yield Notice("term", term.term_id, {"term": term.title}, one.pupil_id, on=on)
        case TermGraded(shown=True) | TermGradeCorrected(shown=True):
            yield from _term_grades(event)
        case RollTaken() as roll:
            for entry in roll.entries:
                if entry.state != "present":
                    yield _presence(roll, entry.pupil_id, entry)
        case PresenceCorrected() as change if change.after.state != "present":
            yield _presence(change, change.pupil_id, change.after, before=change.before)
        case PresenceCorrected(before=Presence(state="absent" | "late")) as change:
            yield _presence(change, change.pupil_id, change.after, before=change.before)
        case MessageSent(author_id=author, participants=people, conversation_id=conversation, message_id=message):
            told = tuple(p for p in people if p != author)
            yield Notice("message", conversation, {"message_id": str(message), "author_id": str(author)}, None, told)
        case CommentWritten(object_id=record, comment_id=comment, author_id=author, readers=readers) as e:
            said = {"message_id": str(comment), "author_id": str(author), "about": e.about, "pupil_id": str(e.pupil_id)}
            yield Notice("comment", record, said, None, readers, e.group_id, e.on)
        case RemarkMade(shown=True) | RemarkShown() as e:
            yield Notice("remark", e.remark_id, {"remark": e.kind}, e.pupil_id, on=e.on)
        case RemarkWithdrawn(shown=True) as e:
            data = {"remark": "withdrawn", "before": []}
            yield Notice("remark", e.remark_id, data, e.pupil_id, on=e.on, quiet=True)


def of_journal(one: Received) -> Iterator[Notice]:
    """What is put right in a journal, for its teachers: those who did not do it themselves are told (B-06)."""
    by = str(one.envelope.actor)

    def said(of: UUID, pupil: UUID, data: Json) -> Notice:
        about = {"author_id": by, "pupil_id": str(pupil), "message_id": f"{pupil}/{by}"}  # each author's by itself
        return Notice("journal", of, {**data, **about}, quiet=True)

    match one.event:
        case MarkCorrected(work_id=work, pupil_id=pupil, before=before, after=after):
            yield said(work, pupil, {"before": before, "values": after})
        case MarkRemoved(work_id=work, pupil_id=pupil, before=before):
            yield said(work, pupil, {"before": before, "values": []})
        case PresenceCorrected(pupil_id=pupil, before=was) as change:
            notice = said(change.lesson_id, pupil, {"before": was and was.state, "state": change.after.state})
            yield replace(notice, group_id=change.group_id, on=change.on, number=change.number)


def _term_grades(event: TermGraded | TermGradeCorrected) -> Iterator[Notice]:
    """What was given in a term that families see already is news; a correction is told quietly, as that of a mark."""
    term = {"term": event.term.title}
    if isinstance(event, TermGradeCorrected):
        change = {"values": [event.after] if event.after else [], "before": [event.before]}
        yield Notice("term", event.sheet_id, {**term, **change}, event.pupil_id, (), event.group_id, quiet=True)
        return
    for grade in event.grades:
        values = [grade.value] if grade.value else []
        yield Notice("term", event.sheet_id, {**term, "values": values}, grade.pupil_id, (), event.group_id)


def _presence(
    roll: RollTaken | PresenceCorrected, pupil: UUID, now: Presence, before: Presence | None = None
) -> Notice:
    """News is who is missed and was not before, or without the reason that was given; other changes take its place."""
    data: Json = {"state": now.state, "minutes": now.minutes, "reason": now.reason}
    kind = "late" if now.state == "late" else "absence"
    was = "present" if before is None else before.state
    explained = before is not None and before.reason not in UNEXPLAINED and now.reason in UNEXPLAINED
    news = was == "present" or (now.state == "absent" and (was == "late" or explained))
    if not news:
        data["before"] = was
    return Notice(kind, roll.lesson_id, data, pupil, (), roll.group_id, roll.on, roll.number, quiet=not news)


WAYS = " ".join(f"WHEN '{kind}' THEN '{{{','.join(ways)}}}'::text[]" for kind, ways in DEFAULTS.items())
FRESH = """
UPDATE notices n SET owed_at = now()
WHERE owed_at IS NULL
  AND (kind NOT IN ('mark', 'journal') OR group_id IS NOT NULL
       OR EXISTS (SELECT 1 FROM facts_works w WHERE w.work_id = n.object_id))
RETURNING n.*
"""
LATELY = "SELECT n.* FROM notices n WHERE n.owed_at > now() - interval '10 minutes'"
OWE = """
WITH fresh AS ({which}), said AS (
    SELECT fresh.*, coalesce(fresh.on_date, w.on_date) AS day, coalesce(fresh.group_id, w.group_id) AS taught FROM fresh
    LEFT JOIN facts_works w ON w.work_id = fresh.object_id
), told AS (
    SELECT said.*, f.guardian_id AS person_id FROM said
        JOIN access_family f ON f.pupil_id = said.pupil_id AND 'notices' = ANY (f.rights)
        WHERE said.person_ids = '{}' OR f.guardian_id = ANY (said.person_ids)
    UNION ALL SELECT said.*, said.pupil_id FROM said WHERE said.pupil_id IS NOT NULL AND said.person_ids = '{}'
    UNION ALL SELECT said.*, p FROM said, unnest(said.person_ids) AS p WHERE said.pupil_id IS NULL
    UNION ALL SELECT said.*, t.person_id FROM said
        JOIN access_teaching t ON t.group_id = said.taught AND said.day BETWEEN t.starts AND t.ends
        WHERE said.kind = 'journal' AND t.person_id::text <> said.data ->> 'author_id'
), ways AS (
    SELECT told.notice_id, told.person_id, told.data, told.kind, channel FROM told
    LEFT JOIN wishes ON wishes.person_id = told.person_id AND wishes.kind = told.kind,
    LATERAL unnest(coalesce(wishes.channels, CASE told.kind {defaults} END)) AS channel
    WHERE told.day IS NULL OR told.day >= %(oldest)s OR told.kind IN ('comment', 'remark', 'journal')
)
INSERT INTO deliveries (delivery_id, notice_id, person_id, channel, state, done_at)
SELECT md5(notice_id::text || person_id || channel)::uuid, notice_id, person_id, channel,
       CASE WHEN channel = 'portal' THEN 'sent' ELSE 'owed' END,
       CASE WHEN channel = 'portal' THEN now() END
FROM ways
WHERE channel = 'portal' OR (
    EXISTS (SELECT 1 FROM consents c WHERE c.person_id = ways.person_id AND c.channel = ways.channel)
    AND NOT (ways.data ? 'before') AND coalesce(ways.data ->> 'reason', 'unexcused') = 'unexcused')
ON CONFLICT (notice_id, person_id, channel) DO NOTHING
RETURNING person_id
""".replace("{defaults}", WAYS)


def owe(conn: Conn, today: date, *, again: bool = False) -> list[UUID]:
    """Make the deliveries of new notices. Returns who is told something.

    `again` looks at those of the last ten minutes once more, because family ties and consents come on other topics
    and may come later than the notice. What is quiet (it says what was `before`) owes no letter, nor does an absence
    with a reason.
    """
    query = OWE.replace("{which}", LATELY if again else FRESH)
    return [row[0] for row in conn.execute(query.encode(), {"oldest": today - STALE})]


MOVED = """
SELECT EXISTS (SELECT FROM progress WHERE projection LIKE 'notify.access.%' AND at > now() - interval '10 minutes')
    OR EXISTS (SELECT FROM consents WHERE at > now() - interval '10 minutes')
"""


def readers_moved(conn: Conn) -> bool:
    """Whether ties or consents came lately, so that notices of the last ten minutes may have new readers."""
    row = conn.execute(MOVED).fetchone()
    return bool(row and row[0])


TOLD = "SELECT DISTINCT person_id FROM deliveries WHERE notice_id = ANY (%s) AND channel = 'portal'"


def touched(conn: Conn, received: Sequence[Received]) -> Iterable[str]:
    """Whose notices say something else now. Those who get a new one are told when they are owed it (sender.py)."""
    ids = [notice.id for one in received for notice in (*notices(one.event), *of_journal(one))]
    return [str(person) for (person,) in conn.execute(TOLD, [ids])]


FEED: LiteralString = f"""
SELECT n.notice_id, n.kind, n.pupil_id, n.object_id, n.at, d.seen_at, n.data, coalesce(n.on_date, w.on_date) AS day,
       coalesce(n.number, w.number) AS number, w.kind AS work_kind, g.group_id, g.subject, g.title AS group_title,
       p.given_name, a.family_name || ' ' || a.given_name AS author
FROM deliveries d
JOIN notices n USING (notice_id)
LEFT JOIN facts_works w ON w.work_id = n.object_id
LEFT JOIN access_groups g ON g.group_id = coalesce(n.group_id, w.group_id)
LEFT JOIN facts_names p ON p.person_id = coalesce(n.pupil_id, (n.data ->> 'pupil_id')::uuid)
LEFT JOIN facts_names a ON a.person_id = (n.data ->> 'author_id')::uuid
WHERE d.person_id = %(person)s AND d.channel = 'portal' AND {MAY_KNOW}
ORDER BY n.at DESC LIMIT %(limit)s
"""


def feed(conn: Conn, person: UUID, limit: int = 100) -> list[dict[str, Any]]:
    """The newest notices of a person with what their sentences need, newest first."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(FEED, {"person": person, "limit": limit}).fetchall()


UNREAD: LiteralString = f"""
SELECT count(*) FROM deliveries d JOIN notices n USING (notice_id)
WHERE d.person_id = %s AND d.channel = 'portal' AND d.seen_at IS NULL AND {MAY_KNOW}
"""


def unread(conn: Conn, person: UUID) -> int:
    row = conn.execute(UNREAD, [person]).fetchone()
    return int(row[0]) if row else 0


SEEN = """
UPDATE deliveries SET state = 'seen', seen_at = now()
WHERE person_id = %s AND channel = 'portal' AND seen_at IS NULL AND notice_id = ANY (%s)
"""


def see(conn: Conn, person: UUID, seen: Sequence[UUID]) -> None:
    """The person confirms receipt of these notices."""
    conn.execute(SEEN, [person, list(seen)])


NEWEST: LiteralString = f"""
SELECT d.delivery_id, d.notice_id, n.kind, d.channel, d.state, coalesce(d.done_at, d.made_at) AS at, d.error
FROM deliveries d JOIN notices n USING (notice_id)
WHERE d.person_id = %s AND {MAY_KNOW} ORDER BY d.made_at DESC LIMIT 200
"""


def newest(conn: Conn, person: UUID) -> list[dict[str, Any]]:
    """What became of the newest messages to a person."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(NEWEST, [person]).fetchall()


PROJECTION = Projection(
    name="notify.deliveries.1",
    topics=("diary.grades", "diary.attendance", "diary.messaging"),
    apply=apply,
    handles=frozenset(
        {
            MarksGiven,
            MarkCorrected,
            MarkRemoved,
            TermPublished,
            TermGraded,
            TermGradeCorrected,
            RollTaken,
            PresenceCorrected,
            MessageSent,
            CommentWritten,
            RemarkMade,
            RemarkShown,
            RemarkWithdrawn,
        }
    ),
    leaves=frozenset(
        {
            WorkOpened,
            WorkChanged,
            WorkRemoved,
            WorkPublished,
            PublicationPlanned,
            MarksDrafted,
            RuleSet,
            PhrasesSet,
            TargetSet,
            CouncilBegun,
            CouncilWithdrawn,
            ReopeningAsked,
            ReopeningDecided,
            SheetLocked,
            ConversationOpened,
            MessagesSeen,
            RemarkReworded,
            WeekSigned,
            AbsenceAnnounced,
            AbsenceDecided,
            AbsenceWithdrawn,
        }
    ),
    from_now=True,
    touched=touched,
)
