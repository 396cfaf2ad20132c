"""Remarks as they stand, and their questions. Whoever asks has been let in before."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from services.messaging.rows import rows
from shared.contracts.envelope import Received
from shared.contracts.messaging import RemarkMade, RemarkReworded, RemarkShown, RemarkWithdrawn
from shared.postgres import Conn

TABLES = ("remarks",)

MAKE = """
INSERT INTO remarks (remark_id, school_id, pupil_id, kind, on_date, group_id, author_id, at, written, text,
    shown_by, shown_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
REWORD = "UPDATE remarks SET written = %s, reworded_at = %s, version = %s WHERE remark_id = %s"
SHOW = "UPDATE remarks SET text = %s, shown_by = %s, shown_at = %s WHERE remark_id = %s"
WITHDRAW = "UPDATE remarks SET withdrawn_by = %s, withdrawn_at = %s, reason = %s WHERE remark_id = %s"


def apply(conn: Conn, received: Sequence[Received]) -> None:
    """Texts are kept opened here."""
    for one in received:
        by = (one.envelope.actor, one.time)
        match one.event:
            case RemarkMade() as e:
                place = (e.remark_id, e.school_id, e.pupil_id, e.kind, e.on, e.group_id, e.author_id, one.time)
                words = e.text.text or ""
                conn.execute(MAKE, [*place, words, *((words, *by) if e.shown else (None, None, None))])
            case RemarkReworded(remark_id=remark, text=text):
                conn.execute(REWORD, [text.text or "", one.time, one.envelope.version, remark])
            case RemarkShown(remark_id=remark, text=text):
                conn.execute(SHOW, [text.text or "", *by, remark])
            case RemarkWithdrawn(remark_id=remark, reason=reason):
                conn.execute(WITHDRAW, [*by, reason.text or "", remark])


FIELDS = """
r.remark_id, r.pupil_id, r.kind, r.on_date AS "on", r.group_id, g.subject, r.author_id, r.at, r.written, r.text,
r.shown_by, r.shown_at, r.withdrawn_by, r.withdrawn_at, r.reason, r.version, r.reworded_at,
coalesce(a.name, '') AS author_name
"""
FROM = "FROM remarks r LEFT JOIN access_groups g USING (group_id) LEFT JOIN people a ON a.person_id = r.author_id"
OF_PUPIL = f"""
SELECT {FIELDS} {FROM} WHERE r.pupil_id = %s AND r.on_date BETWEEN %s AND %s
ORDER BY r.on_date DESC, r.at DESC LIMIT 500
"""
ONE = f"SELECT {FIELDS} {FROM} WHERE r.remark_id = %s"
AUTHORS = "SELECT 1 FROM remarks WHERE remark_id = %s AND author_id = %s"
# of the pupils whom he leads today, and of the schools that he runs
WAITING = f"""
SELECT {FIELDS}, coalesce(n.name, '') AS pupil_name {FROM} LEFT JOIN people n ON n.person_id = r.pupil_id
WHERE r.text IS NULL AND r.withdrawn_at IS NULL AND (r.school_id = ANY (%(schools)s) OR EXISTS (
    SELECT FROM access_teaching t JOIN access_groups h USING (group_id) JOIN access_members m USING (group_id)
    WHERE h.homeroom AND t.person_id = %(person)s AND m.person_id = r.pupil_id
      AND %(on)s BETWEEN t.starts AND t.ends AND %(on)s BETWEEN m.starts AND m.ends))
ORDER BY r.at LIMIT 100
"""


def of_pupil(conn: Conn, pupil: UUID, first: date, last: date) -> list[dict[str, Any]]:
    """All of these days, newest first, whoever reads them."""
    return rows(conn, OF_PUPIL, [pupil, first, last])


def one(conn: Conn, remark: UUID) -> dict[str, Any] | None:
    return next(iter(rows(conn, ONE, [remark])), None)


def is_authors(conn: Conn, remark: UUID, person: UUID) -> bool:
    return conn.execute(AUTHORS, [remark, person]).fetchone() is not None


def waiting(conn: Conn, person: UUID, schools: list[UUID], on: date) -> list[dict[str, Any]]:
    """What he is to word before families read it, the oldest first."""
    return rows(conn, WAITING, {"person": person, "schools": schools, "on": on})
