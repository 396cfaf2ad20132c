"""Points by criteria as pages tell them: each beside what its criterion is worth, which the work alone knows."""

from typing import Any

Row = dict[str, Any]


def by_criteria(row: Row) -> Row:
    """A mark's row, and what it `was` if that is in it, with `criteria` in the place of the bare `points`."""
    most = _most(row["criteria"])
    told = _told(row, most)
    return {**told, "was": [_told(before, most) for before in row["was"]]} if "was" in row else told


def in_history(rows: list[Row]) -> list[Row]:
    """A work's entries, one of which says what its criteria are worth."""
    opened = (row["after"] or {} for row in rows if row["pupil_id"] is None)
    most = _most(next((work["criteria"] for work in opened if "criteria" in work), []))
    return [{**row, "before": _side(row["before"], most), "after": _side(row["after"], most)} for row in rows]


def in_entry(row: Row) -> Row:
    """One entry of the audit journal; `criteria` beside it are those of its work, None for what is no work."""
    most = _most(row["criteria"] or [])
    return {**row, "before": _side(row["before"], most), "after": _side(row["after"], most)}


def _side(side: Row | None, most: dict[str, int]) -> Row | None:
    if not side or "criteria" not in side:
        return side
    return {**side, "criteria": _scored(side["criteria"], most)}


def _most(criteria: list[Row]) -> dict[str, int]:
    return {criterion["code"]: criterion["most"] for criterion in criteria}


def _scored(points: list[Row], most: dict[str, int]) -> list[Row]:
    return [{**one, "most": most[one["code"]]} for one in points]


def _told(row: Row, most: dict[str, int]) -> Row:
    bare = {name: value for name, value in row.items() if name != "points"}
    return {**bare, "criteria": _scored(row["points"], most)}
