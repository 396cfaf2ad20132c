"""Below which average of a child its guardian wishes to be told (B-11): a decision with its view.

One stream for each guardian and child. When it is crossed: crossings.py.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from psycopg.rows import dict_row

from shared.contracts import Event
from shared.contracts.envelope import Received
from shared.contracts.notify import ThresholdSet
from shared.errors import Refused
from shared.postgres import Conn

TYPED = re.compile(r"[0-9]{1,3}([.,][0-9]{1,2})?")
LEAST, MOST = 1, 100


class ThresholdNotNumber(Refused):
    """A threshold is a number from {least} to {most}, as 3.5."""

    code = "notify.threshold-not-a-number"
    ru = "Порог — число от {least} до {most}, например 3,5."


def threshold_id(person: UUID, pupil: UUID) -> UUID:
    """The stream of a guardian's threshold for a child."""
    return uuid5(person, f"threshold/{pupil}")


def set_threshold(known: str | None, person: UUID, pupil: UUID, typed: str) -> list[Event]:
    """Wish to be told below this; an empty text takes the wish back. `known`: as it stands."""
    below = _read(typed.strip())
    return [] if below == known else [ThresholdSet(person_id=person, pupil_id=pupil, below=below)]


def _read(typed: str) -> str | None:
    if not typed:
        return None
    if not TYPED.fullmatch(typed) or not LEAST <= (value := Decimal(typed.replace(",", "."))) <= MOST:
        raise ThresholdNotNumber("/below", least=LEAST, most=MOST)
    return _plain(value)


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


SET = """
INSERT INTO thresholds (person_id, pupil_id, below, at) VALUES (%s, %s, %s, %s)
ON CONFLICT (person_id, pupil_id) DO UPDATE SET below = excluded.below, at = excluded.at
"""
TAKEN_BACK = "DELETE FROM thresholds WHERE person_id = %s AND pupil_id = %s"


def apply(conn: Conn, received: Sequence[Received]) -> None:
    """The view, written in the event's own transaction."""
    for one in received:
        if isinstance(one.event, ThresholdSet):
            person, pupil, below = one.event.person_id, one.event.pupil_id, one.event.below
            if below is None:
                conn.execute(TAKEN_BACK, [person, pupil])
            else:
                conn.execute(SET, [person, pupil, Decimal(below), one.time])


def of(conn: Conn, person: UUID) -> list[dict[str, Any]]:
    """The person's thresholds, by child."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute("SELECT pupil_id, below, at FROM thresholds WHERE person_id = %s", [person]).fetchall()
    return [{**row, "below": _plain(row["below"])} for row in rows]


def known(conn: Conn, person: UUID, pupil: UUID) -> str | None:
    """The threshold as it stands."""
    return next((row["below"] for row in of(conn, person) if row["pupil_id"] == pupil), None)
