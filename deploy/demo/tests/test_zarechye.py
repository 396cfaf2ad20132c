"""The demo's history: every class of the district once, and what visitors open before all else."""

from pathlib import Path

import pytest

from deploy.demo import district, zarechye
from deploy.demo.day.bundle import District, read
from deploy.demo.day.lesson import Life


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> District:
    folder: Path = tmp_path_factory.mktemp("zarechye")
    district.write(zarechye.PLAN, folder)
    return read(folder)


def test_every_class_is_in_one_part_of_the_history(whole: District) -> None:
    parts = [zarechye.first(whole), *zarechye.others(whole)]
    groups = [name for part in parts for name in part.groups]
    assert sorted(groups) == sorted(name for school in whole.schools.values() for name in school.groups)


def test_what_visitors_open_comes_first(whole: District) -> None:
    cast = district.cast(zarechye.PLAN)
    theirs, (school, _) = zarechye.first(whole), zarechye.others(whole)
    for pupil in (cast.pupil, cast.sibling):
        assert {g.name for s in whole.schools.values() for g in s.groups.values() if pupil in g.pupils} <= theirs.groups
    heads = next(s for s in whole.schools.values() if cast.home in s.groups)
    assert set(heads.groups) <= theirs.groups | school.groups


def test_each_piece_corrects_only_what_the_piece_before_it_taught(whole: District) -> None:
    life = Life(whole, zarechye.PLAN.seed)
    taught: set[str] = set()
    for piece in zarechye.first(whole).pieces(whole):
        commands = list(piece.commands(life))
        assert all(command.at <= piece.until for command in commands)
        assert all(not command.needs or command.needs in taught | {c.once for c in commands}
                   for command in commands)  # fmt: skip
        taught |= {command.once for command in commands}
