"""Comments as they stand, and their questions. Whoever asks has been let in before."""

from collections.abc import Sequence
from dataclasses import dataclass
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
(%(all)s OR EXISTS (
    SELECT FROM access_teaching t WHERE t.group_id = c.group_id AND t.person_id = %(person)s
      AND (c.on_date BETWEEN t.starts AND t.ends OR %(today)s BETWEEN t.starts AND t.ends)) OR EXISTS (
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


@dataclass(frozen=True, slots=True)
class Reader:
    """`everything`: all of the pupil concerns him. `today`: at the school."""

    person: UUID
    everything: bool
    today: date


def thread(conn: Conn, thread_id: UUID) -> list[dict[str, Any]]:
    """Its comments, oldest first."""
    return rows(conn, THREAD, [thread_id])


def of_pupil(
    conn: Conn, pupil: UUID, days: tuple[date, date], zone: str, author: str | None, reader: Reader
) -> list[dict[str, Any]]:
    """What was written of a pupil on these days of his school, newest first, as far as it concerns the reader."""
    return rows(conn, OF_PUPIL, {"pupil": pupil, "zone": zone, "author": author, **_asked(reader, days)})


def counts_of_pupil(conn: Conn, pupil: UUID, days: tuple[date, date], reader: Reader) -> list[dict[str, Any]]:
    """How many comments stand beside each record of these days."""
    return rows(conn, COUNTS.replace("{}", "c.pupil_id = %(pupil)s"), {"pupil": pupil, **_asked(reader, days)})


def counts_of_group(conn: Conn, group: UUID, days: tuple[date, date], reader: Reader) -> list[dict[str, Any]]:
    """The same for all pupils of a group, for who may see it."""
    return rows(conn, COUNTS.replace("{}", "c.group_id = %(group)s"), {"group": group, **_asked(reader, days)})


def _asked(reader: Reader, days: tuple[date, date]) -> dict[str, Any]:
    who = {"all": reader.everything, "person": reader.person, "today": reader.today}
    return {**who, "first": days[0], "last": days[1]}
