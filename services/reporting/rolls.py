"""Of each roll how many were present, absent and late: what the day of a school is summed from. Part of the diary."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from shared.contracts.attendance import PresenceCorrected, RollTaken, State
from shared.contracts.envelope import Received
from shared.postgres import Conn

STATES: tuple[State, ...] = ("present", "absent", "late")

COUNT = """
INSERT INTO diary_rolls (lesson_id, school_id, group_id, on_date, number, present, absent, late, at)
SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::date[], %s::smallint[], %s::smallint[], %s::smallint[],
                     %s::smallint[], %s::timestamptz[])
ON CONFLICT (lesson_id) DO NOTHING
"""


def taken(conn: Conn, run: Sequence[Received]) -> None:
    """Rows of the rolls."""
    rows: list[tuple[Any, ...]] = []
    for one in run:
        roll = one.event
        assert isinstance(roll, RollTaken)
        said = Counter(entry.state for entry in roll.entries)
        place = (roll.lesson_id, roll.school_id, roll.group_id, roll.on, roll.number)
        rows.append((*place, *(said[state] for state in STATES), one.time))
    conn.execute(COUNT, [list(column) for column in zip(*rows, strict=True)])


RECOUNT = """
UPDATE diary_rolls SET present = present + %s, absent = absent + %s, late = late + %s WHERE lesson_id = %s
"""


def corrected(conn: Conn, run: Sequence[Received]) -> None:
    """What a correction takes from one count it gives to another; a pupil who was not in the roll is only added."""
    rows: list[tuple[Any, ...]] = []
    for one in run:
        change = one.event
        assert isinstance(change, PresenceCorrected)
        moved = Counter({change.after.state: 1})
        moved.subtract([change.before.state] if change.before else [])
        if any(moved.values()):
            rows.append((*(moved[state] for state in STATES), change.lesson_id))
    conn.cursor().executemany(RECOUNT, rows)
