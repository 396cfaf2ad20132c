"""A page costs the database what is on it, not what the district has; and what was typed is never part of a query."""

from datetime import date
from pathlib import Path
from statistics import median

import pytest

from tests.acceptance.people import Person, until
from tests.acceptance.town import Town
from tests.bench.diary_page import City, city

SCHOOL = 600
"""Pupils."""
TIMES = 4
HOSTILE = "'); DROP TABLE marks; -- \\ %s {} $1 \u0301"


def blocks_a_page(of: City) -> float:
    """Blocks of 8 kB that the statements of one page look at; the median of some pages, when plans are made."""
    for pupil in range(20):
        of.page(pupil)
    return median(of.page(pupil).blocks for pupil in range(0, SCHOOL, 40))


@pytest.mark.slow
def test_f_04_the_diary_of_a_week_reads_no_more_of_a_larger_district(servers_folder: Path) -> None:
    read = {}
    for pupils in (SCHOOL, TIMES * SCHOOL):
        folder = servers_folder / f"large-{pupils}"
        folder.mkdir(parents=True)
        with city(folder, pupils) as filled:
            read[pupils] = blocks_a_page(filled)
    assert read[TIMES * SCHOOL] < 1.5 * read[SCHOOL], read


def test_f_04_what_is_typed_comes_back_as_it_was_typed(town: Town, anna: Person, olga: Person) -> None:
    on = date(2022, 3, 9)
    work = town.open_work(anna, on, title=HOSTILE)
    given = {"marks": [{"pupil_id": str(town.person("petya")), "value": "5", "comment": HOSTILE}]}
    anna.did("POST", "grades", f"/works/{work}/marks", given)
    anna.did("PUT", "lessons", town.roll(on).replace("/rolls", "/lessons") + "/topic", {"topic": HOSTILE})

    def shown() -> list[str]:
        page = olga.read("reporting", "/diary", pupil_id=town.person("petya"), first=on, last=on)
        lessons = [lesson for day in page["days"] for lesson in day["lessons"]]
        marks = [mark for lesson in lessons for mark in lesson["marks"]]
        texts = [mark["title"] for mark in marks] + [mark["comment"] for mark in marks]
        return [*texts, *(lesson["topic"] for lesson in lessons if lesson["topic"])] if marks else []

    assert until(lambda: shown() if len(shown()) == 3 else []) == [HOSTILE] * 3
    assert anna.get("roster", "/persons", query=HOSTILE).status_code in (200, 403)
