"""docs/requirements.md is true: what it names exists, and no test shows a promise that it does not list."""

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

TESTS = Path(__file__).parents[1]
TABLE = TESTS.parent / "docs" / "requirements.md"
ROW = re.compile(r"^\| ([A-Z]-\d\d) \| (.+) \| (done|begun|later) \| (.*)\|$", re.MULTILINE)
NAMED = re.compile(r"^def (test_\w+)", re.MULTILINE)
FOR_ID = re.compile(r"test_([a-z])_(\d\d)_")


@dataclass(frozen=True)
class Row:
    """One promise. `shown_by`: files below tests/, after `::` perhaps one test."""

    state: str
    shown_by: tuple[str, ...]


def rows() -> dict[str, Row]:
    found = ROW.findall(TABLE.read_text("utf-8"))
    assert len(found) == len({id_ for id_, *_ in found}), "an id stands in two lines"
    return {id_: Row(state, tuple(re.findall("`([^`]+)`", by))) for id_, _, state, by in found}


def named_in(file: str) -> list[str]:
    return NAMED.findall((TESTS / file).read_text("utf-8"))


def ids_of_tests() -> dict[str, set[str]]:
    """The files that have tests named for an id."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in TESTS.rglob("test_*.py"):
        for test in NAMED.findall(path.read_text("utf-8")):
            if named := FOR_ID.match(test):
                found[f"{named[1].upper()}-{named[2]}"].add(path.relative_to(TESTS).as_posix())
    return found


def test_every_promise_of_every_area_has_its_line() -> None:
    found = rows()
    assert len(found) == 155
    assert {id_[0] for id_ in found} == set("ABCDEFGHIKLMNOPQRSTUVX")


def test_what_the_table_names_exists() -> None:
    for id_, row in rows().items():
        for place in row.shown_by:
            file, _, test = place.partition("::")
            prefix = f"test_{id_.lower().replace('-', '_')}_"
            names = named_in(file)
            assert test in names if test else any(name.startswith(prefix) for name in names), f"{id_}: {place}"


def test_what_is_done_or_begun_is_shown_and_what_is_later_is_not() -> None:
    wrong = [id_ for id_, row in rows().items() if (row.state == "later") == bool(row.shown_by)]
    assert wrong == []


def test_every_test_named_for_a_promise_stands_in_its_line() -> None:
    listed = {id_: {place.partition("::")[0] for place in row.shown_by} for id_, row in rows().items()}
    unlisted = {id_: files - listed.get(id_, set()) for id_, files in ids_of_tests().items()}
    assert {id_: files for id_, files in unlisted.items() if files} == {}
