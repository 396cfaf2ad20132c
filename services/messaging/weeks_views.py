"""Who signed which week, and when last."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from services.messaging.rows import rows
from shared.contracts.envelope import Received
from shared.contracts.messaging import WeekSigned
from shared.postgres import Conn

TABLES = ("signatures",)

SIGN = """
INSERT INTO signatures (pupil_id, monday, by_id, school_id, at) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (pupil_id, monday, by_id) DO UPDATE SET at = excluded.at, school_id = excluded.school_id
"""


def apply(conn: Conn, received: Sequence[Received]) -> None:
    for one in received:
        if isinstance(e := one.event, WeekSigned):
            conn.execute(SIGN, [e.pupil_id, e.monday, e.by_id, e.school_id, one.time])


FIELDS = "s.pupil_id, s.monday, s.by_id, s.at, coalesce(p.name, '') AS by_name"
OF_PUPIL = f"""
SELECT {FIELDS} FROM signatures s LEFT JOIN people p ON p.person_id = s.by_id
WHERE s.pupil_id = ANY (%s) AND s.monday BETWEEN %s AND %s ORDER BY s.monday, s.at
"""


def signed(conn: Conn, pupils: Sequence[UUID], first: date, last: date) -> list[dict[str, Any]]:
    """The signatures under weeks that begin within these days."""
    return rows(conn, OF_PUPIL, [list(pupils), first, last])
