"""Comments as they stand, and their questions. Whoever asks has been let in before."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from services.messaging.rows import rows
from shared.contracts.envelope import Received
from shared.contracts.messaging import CommentWritten
from shared.postgres import Conn

TABLES = ("comments",)

WRITE = """
INSERT INTO comments (thread_id, comment_id, version, school_id, about, object_id, pupil_id, group_id, on_date,
    author_id, author, text, at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


def apply(conn: Conn, received: Sequence[Received]) -> None:
    """Texts are kept opened here."""
    for one in received:
        if isinstance(e := one.event, CommentWritten):
            place = (e.thread_id, e.comment_id, one.envelope.version, e.school_id, e.about, e.object_id, e.pupil_id)
            conn.execute(WRITE, [*place, e.group_id, e.on, e.author_id, e.author, e.text.text or "", one.time])


FIELDS = """
c.comment_id, c.about, c.object_id, c.pupil_id, c.group_id, c.on_date AS "on", c.author_id, c.author, c.text, c.at,
coalesce(p.name, '') AS author_name, g.subject
"""
FROM = """
FROM comments c LEFT JOIN people p ON p.person_id = c.author_id LEFT JOIN access_groups g USING (group_id)
"""
THREAD = f"SELECT {FIELDS} {FROM} WHERE c.thread_id = %s ORDER BY c.version"
# a group's teacher reads what stands beside the records of his groups, who leads the class or runs the school all
HIS = """
(%(all)s OR c.group_id = ANY (%(groups)s) OR EXISTS (
    SELECT FROM remarks r WHERE r.remark_id = c.object_id AND r.author_id = %(person)s))
"""
OF_PUPIL = f"""
SELECT {FIELDS} {FROM}
WHERE c.pupil_id = %(pupil)s AND (c.at AT TIME ZONE %(zone)s)::date BETWEEN %(first)s AND %(last)s
  AND (%(author)s::text IS NULL OR c.author = %(author)s) AND {HIS}
ORDER BY c.at DESC LIMIT 500
"""
COUNTS = f"""
SELECT c.object_id, c.pupil_id, count(*) AS count, max(c.at) AS last FROM comments c
WHERE c.on_date BETWEEN %(first)s AND %(last)s AND {HIS} AND {{}}
GROUP BY c.object_id, c.pupil_id
"""
TAUGHT = "SELECT DISTINCT group_id FROM access_teaching WHERE person_id = %s"


def thread(conn: Conn, thread_id: UUID) -> list[dict[str, Any]]:
    """Its comments, oldest first."""
    return rows(conn, THREAD, [thread_id])


def of_pupil(
    conn: Conn, pupil: UUID, days: tuple[date, date], zone: str, author: str | None, reader: UUID, everything: bool
) -> list[dict[str, Any]]:
    """What was written of a pupil on these days of his school, newest first, as far as it concerns the reader."""
    asked = {"pupil": pupil, "zone": zone, "author": author, **_his(conn, reader, everything), **_days(days)}
    return rows(conn, OF_PUPIL, asked)


def counts_of_pupil(
    conn: Conn, pupil: UUID, days: tuple[date, date], reader: UUID, everything: bool
) -> list[dict[str, Any]]:
    """How many comments stand beside each record of these days."""
    asked = {"pupil": pupil, **_his(conn, reader, everything), **_days(days)}
    return rows(conn, COUNTS.replace("{}", "c.pupil_id = %(pupil)s"), asked)


def counts_of_group(conn: Conn, group: UUID, days: tuple[date, date]) -> list[dict[str, Any]]:
    """The same for all pupils of a group, for who may see it."""
    asked = {"group": group, "all": True, "groups": [], "person": group, **_days(days)}
    return rows(conn, COUNTS.replace("{}", "c.group_id = %(group)s"), asked)


def _his(conn: Conn, reader: UUID, everything: bool) -> dict[str, Any]:
    groups = [] if everything else [row[0] for row in conn.execute(TAUGHT, [reader])]
    return {"all": everything, "groups": groups, "person": reader}


def _days(days: tuple[date, date]) -> dict[str, Any]:
    return {"first": days[0], "last": days[1]}
