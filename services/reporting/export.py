"""The audit journal as a CSV file that a spreadsheet opens and nobody can make run (SC29)."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from services.reporting import pages
from shared.postgres import Conn

Row = dict[str, Any]

COLUMNS = (
    "time",
    "service",
    "event",
    "type",
    "by",
    "by_id",
    "object_id",
    "pupil",
    "pupil_id",
    "before",
    "after",
    "reason",
)
STARTS = tuple("=+-@\t\r\n\x00＝＋－＠")
"""What a spreadsheet may take for a formula; the full-width forms too."""


def cell(text: str) -> str:
    """Text as a spreadsheet shows it and never computes it.

    >>> cell("=HYPERLINK(A1)"), cell("5"), cell(" =1+1")
    ("'=HYPERLINK(A1)", '5', "' =1+1")
    """
    return f"'{text}" if text.lstrip(" ").startswith(STARTS) else text


def rows(conn: Conn, events: Iterable[Row]) -> Iterator[str]:
    """Lines of a CSV file (RFC 4180, UTF-8 with a mark for Excel), one for each entry; names beside their ids."""
    yield "\ufeff" + _line(COLUMNS)
    batch: list[Row] = []
    for event in events:
        batch.append(event)
        if len(batch) == 200:
            yield from _lines(conn, batch)
            batch = []
    yield from _lines(conn, batch)


def _lines(conn: Conn, batch: Sequence[Row]) -> Iterator[str]:
    people = {event["by"] for event in batch} | {e["pupil_id"] for event in batch for e in event["entries"]}
    names = pages.names(conn, people - {None})
    for event in batch:
        what = (event["at"].isoformat(), event["service"], event["event_id"], event["type"])
        who = (names.get(event["by"], ""), event["by"])
        for entry in event["entries"]:
            whom = (entry["object_id"], names.get(entry["pupil_id"], ""), entry["pupil_id"])
            yield _line((*what, *who, *whom, _said(entry["before"]), _said(entry["after"]), entry["reason"]))


def _line(cells: Iterable[object]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([cell("" if one is None else str(one)) for one in cells])
    return line.getvalue()


def _said(side: Row | None) -> str:
    """«values: 4/5; comment: …», in the order of the fields; what is empty is left out."""
    return "; ".join(f"{name}: {_value(value)}" for name, value in (side or {}).items() if value not in (None, [], ""))


def _value(value: object) -> str:
    match value:
        case list():
            return "/".join(_value(one) for one in value)
        case {"code": code, "most": most, **more}:
            return f"{code} {more['points']}/{most}" if "points" in more else f"{code} {most}"
    return str(value)
