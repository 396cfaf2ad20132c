"""The audit trail: an operator asks by a command, a school and a family on their pages."""

import csv
import io
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from deploy.demo.stack import ROOT
from shared.audit.checkpoint import private_key
from tests.acceptance.conftest import Diary
from tests.acceptance.people import Person, until
from tests.acceptance.town import TIMETABLE, Town, founded

ON = date(2022, 3, 15)

ONE_BIT = """
UPDATE events SET document = set_bit(document, 1600, 1 - get_bit(document, 1600))
WHERE id = (SELECT max(id) FROM events)
"""


def test_v_03_whoever_changes_a_stored_roll_past_the_product_is_found_out(diary: Diary) -> None:
    assert "are unchanged" in until(lambda: _covered(diary))
    assert "are unchanged" in until(lambda: _covered(diary, "--topic"))

    _as_owner_of_the_server(diary)
    try:
        status, said = verified(diary)
        assert status == 1 and "something was changed from" in said and "CHANGED" in said
        assert verified(diary, "attendance", "--topic")[0] == 1
    finally:
        _as_owner_of_the_server(diary)  # the same bit back
    assert verified(diary)[0] == 0


def _covered(diary: Diary, *options: str) -> str:
    """What is said when every event is under a checkpoint, else nothing."""
    status, said = verified(diary, "attendance", *options)
    return said if status == 0 and "; 0 newer ones" in said else ""


def verified(diary: Diary, service: str = "attendance", *options: str) -> tuple[int, str]:
    """What `audit verify` says of a store: its exit status and its words."""
    done = subprocess.run(
        [sys.executable, "-m", "services", service, "audit", "verify", *options],
        env=os.environ | diary.stack.environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def _as_owner_of_the_server(diary: Diary) -> None:
    admin = diary.stack.environment["DIARY_POSTGRES_ADMIN"]
    with psycopg.connect(admin, dbname="diary_attendance", autocommit=True) as conn:
        assert conn.execute(ONE_BIT).rowcount == 1


def _days() -> dict[str, str]:
    """Today and its neighbours by the true clock, which the journal goes by."""
    now = datetime.now(UTC).date()
    return {"first": str(now - timedelta(days=1)), "last": str(now + timedelta(days=1))}


def _corrected(town: Town, anna: Person) -> UUID:
    """A mark of Petya's that was given and then corrected; the moment between the two is told by what is stored."""
    work = town.give(anna, ON, "3")
    body = {"pupil_id": str(town.person("petya")), "value": "4", "reason": "=не та работа"}
    anna.did("POST", "grades", f"/works/{work}/corrections", body)
    return work


def _operations(by: Person, path: str, **query: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = by.read("reporting", path, **_days(), **query)["operations"]
    return found


def _about(operations: list[dict[str, Any]], work: UUID) -> list[dict[str, Any]]:
    return [one for one in operations if one["object_id"] == str(work)]


def test_a_06_the_head_sees_who_did_what_when_before_and_after_and_takes_it_away_as_a_file(
    town: Town, anna: Person, inna: Person
) -> None:
    work = _corrected(town, anna)
    petya = str(town.person("petya"))

    def told() -> list[dict[str, Any]]:
        found = _about(_operations(inna, "/audit", school_id=town.school, by_id=anna.person_id), work)
        return found if len(found) == 3 else []

    corrected, given, opened = until(told)
    assert [one["type"].split(".")[2] for one in (corrected, given, opened)] == [
        "mark-corrected", "marks-given", "work-opened",
    ]  # fmt: skip
    (entry,) = corrected["entries"]
    assert (entry["pupil_id"], entry["before"]["values"], entry["after"]["values"]) == (petya, ["3"], ["4"])
    assert (entry["reason"], corrected["by"]) == ("=не та работа", str(anna.person_id))
    assert datetime.now(UTC) - datetime.fromisoformat(corrected["at"]) < timedelta(minutes=5)

    file = inna.get("reporting", "/audit.csv", **_days(), school_id=town.school, person_id=petya)
    rows = [
        row for row in csv.DictReader(io.StringIO(file.text.removeprefix("\ufeff"))) if row["object_id"] == str(work)
    ]
    assert rows[0]["reason"] == "'=не та работа", "a spreadsheet shows it and computes nothing"
    assert (rows[0]["pupil"], rows[0]["by"]) == ("Ёлкин Пётр Олегович", "Петрова Анна Ивановна")
    assert anna.get("reporting", "/audit", **_days(), school_id=town.school).status_code == 403


def test_a_06_roles_and_family_ties_are_operations_too(town: Town, inna: Person, olga: Person) -> None:
    petya = town.person("petya")
    family = _operations(olga, "/changes", pupil_id=petya)
    tie = next(one for one in family if ".family-set." in one["type"])
    assert str(olga.person_id) in {entry["object_id"] for entry in tie["entries"]}
    roles = _operations(inna, "/audit", school_id=town.school, person_id=petya)
    assert "roles-set" in {one["type"].split(".")[2] for one in roles}


def test_a_06_accounts_messages_and_consents_are_operations_too_without_what_was_written(
    town: Town, inna: Person, olga: Person, anna: Person
) -> None:
    secret = f"Тайное {uuid4().hex}"
    conversation = {
        "conversation_id": str(uuid4()), "participants": [str(anna.person_id)], "subject": secret, "text": secret,
        "message_id": str(uuid4()), "pupil_id": str(town.person("petya")),
    }  # fmt: skip
    olga.did("POST", "messaging", "/conversations", conversation)
    olga.did("POST", "notify", "/consents", {"channel": "email", "address": f"{secret[-12:]}@example.org"})
    wanted = {"account-opened", "conversation-opened", "message-sent", "consent-given"}

    def hers() -> list[dict[str, Any]]:
        found = _operations(inna, "/audit", school_id=town.school, person_id=olga.person_id)
        return found if wanted <= {one["type"].split(".")[2] for one in found} else []

    found = until(hers)
    begun = next(one for one in found if "conversation-opened" in one["type"])
    assert begun["by"] == str(olga.person_id) and begun["entries"][0]["after"] == {"participants": 2}
    assert secret[-12:] not in str(found), "what people write is nobody else's"
    assert not any("messaging" in one["type"] for one in _operations(olga, "/changes", pupil_id=town.person("petya")))


def test_b_28_a_page_is_shown_as_it_stood_before_a_correction(town: Town, anna: Person, olga: Person) -> None:
    petya = town.person("petya")
    work = town.give(anna, ON, "2")
    week = {"pupil_id": petya, "first": ON, "last": ON}

    def values(**query: object) -> list[str] | None:
        day = olga.read("reporting", "/diary", **week, **query)["days"][0]
        return next((m["values"] for one in day["lessons"] for m in one["marks"] if m["work_id"] == str(work)), None)

    until(lambda: values() == ["2"])
    between = datetime.now(UTC)
    body = {"pupil_id": str(petya), "value": "5", "reason": "пересчитано"}
    anna.did("POST", "grades", f"/works/{work}/corrections", body)
    until(lambda: values() == ["5"])
    assert until(lambda: values(as_of=between.isoformat())) == ["2"]
    assert values(as_of=(between - timedelta(days=1)).isoformat()) is None
    marks = olga.read("reporting", "/marks", **week, as_of=between.isoformat())
    assert ["2"] in [m["values"] for subject in marks["subjects"] for m in subject["marks"]]
    wrong = olga.get("reporting", "/diary", **week, as_of="вчера")
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/as_of")


def test_b_28_a_page_has_the_timetable_and_the_list_of_its_moment(diary: Diary) -> None:
    """Next Monday: later the first lesson becomes the second, and Petya leaves the Russian group."""
    town = founded(diary)
    monday = date(2022, 5, 30)
    week = {"pupil_id": town.person("petya"), "first": monday, "last": monday}
    with town.signed_in("olga") as olga:

        def numbers(**query: object) -> list[int]:
            lessons = olga.read("reporting", "/diary", **week, **query)["days"][0]["lessons"]
            return [one["number"] for one in lessons]

        until(lambda: numbers() == [1, 3])
        before = datetime.now(UTC)
        town.scheduled(TIMETABLE.replace("7A,1,1,", "7A,1,2,"))
        town.imported(town.files("enrollments.csv", ("e6,,,7R,S,petya,student,false,,\n", "")))
        until(lambda: numbers() == [2])
        assert until(lambda: numbers(as_of=before.isoformat())) == [1, 3]
        assert numbers(as_of=datetime.now(UTC).isoformat()) == [2]
        assert numbers(as_of=(before - timedelta(days=1)).isoformat()) == []


def test_b_28_the_day_of_a_school_and_of_a_district_is_shown_as_it_stood(
    town: Town, anna: Person, inna: Person, lev: Person
) -> None:
    """A roll without absences; then it turns out that Petya was not there."""
    on, petya = date(2022, 3, 22), str(town.person("petya"))

    def absent(**query: object) -> tuple[int, int]:
        school = inna.read("reporting", "/school-day", school_id=town.school, on=on, **query)
        district = lev.read("reporting", "/district-day", on=on, **query)["schools"]
        return school["absent"], next(one["absent"] for one in district if one["school_id"] == str(town.school))

    anna.did("PUT", "attendance", town.roll(on), {"entries": []})
    until(lambda: inna.read("reporting", "/school-day", school_id=town.school, on=on)["lessons"]["taken"] == 1)
    before = datetime.now(UTC)
    change = {"pupil_id": petya, "state": "absent"}
    anna.did("POST", "attendance", f"{town.roll(on)}/corrections", change)
    until(lambda: absent() == (1, 1))
    assert until(lambda: absent(as_of=datetime.now(UTC).isoformat()) == (1, 1))
    assert absent(as_of=before.isoformat()) == (0, 0)


def test_b_25_a_parent_sees_who_looked_at_the_child_and_when(
    town: Town, anna: Person, inna: Person, olga: Person, nina: Person
) -> None:
    petya = town.person("petya")
    began = datetime.now(UTC)
    for who in (anna, inna):
        who.read("reporting", "/attendance", pupil_id=petya, first=ON, last=ON)
    rows = olga.read("reporting", "/readings", **_days(), pupil_id=petya)["readings"]
    seen = {(row["by"], row["page"]): row for row in rows}
    assert seen[str(anna.person_id), "attendance"]["near"] and not seen[str(inna.person_id), "attendance"]["near"]
    assert datetime.fromisoformat(seen[str(inna.person_id), "attendance"]["last_at"]) > began - timedelta(minutes=10)
    assert nina.get("reporting", "/readings", **_days(), pupil_id=petya).status_code == 404
    assert nina.get("reporting", "/readings", **_days(), pupil_id=uuid4()).status_code == 404


def test_b_25_whoever_reads_a_whole_journal_without_teaching_it_is_named_to_each_family(
    town: Town, anna: Person, inna: Person, olga: Person, nina: Person
) -> None:
    """The head's look at 7A is told to Petya's mother; the look of who teaches it is not."""
    week = {"group_id": town.group("7A"), "first": date(2022, 3, 14), "last": date(2022, 3, 18)}
    now = datetime.now(UTC)
    asked = {"pupil_id": town.person("petya"), "first": now.date() - timedelta(days=1), "last": now.date()}
    for service in ("grades", "attendance"):
        for reader in (anna, inna, inna):
            reader.read(service, "/journal", **week)
        told = olga.read(service, "/readings", **asked)["readings"]
        assert [(one["by"], one["times"]) for one in told] == [(str(inna.person_id), 1)]
        assert inna.read(service, "/readings", **asked)["readings"] == told
        assert nina.get(service, "/readings", **asked).status_code == 404


def test_v_03_a_family_proves_to_anybody_what_the_school_said_of_its_child(
    diary: Diary, town: Town, anna: Person, olga: Person, nina: Person, tmp_path: Path
) -> None:
    """With the stand-alone script and the key that the district makes known; the other pupil is not in it."""
    petya, work = town.person("petya"), _corrected(town, anna)
    key = private_key(diary.stack.environment["DIARY_AUDIT_KEY"]).public_key()
    (tmp_path / "audit.pub").write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))

    def proof() -> bytes:
        answer = olga.get("grades", f"/proofs/{work}", pupil_id=petya)
        assert answer.status_code == 200 or answer.json()["code"] == "audit.not-signed-yet", answer.text
        return answer.content if answer.status_code == 200 else b""

    def checked(proof: bytes) -> tuple[int, str]:
        (tmp_path / "proof.json").write_bytes(proof)
        command = [sys.executable, "-I", str(ROOT / "docs/how-to/check_proof.py"), "proof.json", "audit.pub"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout + done.stderr

    told = until(proof)
    status, said = checked(told)
    assert status == 0 and "TRUE: 3 events of diary/grades/" in said, said
    assert '"values": ["3"]' in said and '"after": ["4"]' in said
    assert checked(told.replace(b'\\"after\\":[\\"4\\"]', b'\\"after\\":[\\"5\\"]'))[0] == 1
    assert nina.get("grades", f"/proofs/{work}", pupil_id=petya).status_code == 404


def test_d_06_the_journal_is_compared_with_the_tables_and_a_mismatch_is_reported(
    diary: Diary, town: Town, anna: Person, olga: Person
) -> None:
    """Somebody makes a 2 a 5 in the tables that pages are read from, past the events."""
    petya, work = town.person("petya"), town.give(anna, date(2022, 3, 16), "2")
    until(
        lambda: str(work) in olga.get("reporting", "/diary", pupil_id=petya, first="2022-03-16", last="2022-03-16").text
    )
    assert _compared(diary) == (0, True)
    admin = diary.stack.environment["DIARY_POSTGRES_ADMIN"]
    forged = "UPDATE diary_marks SET given = %s WHERE pupil_id = %s AND work_id = %s"
    with psycopg.connect(admin, dbname="diary_reporting", autocommit=True) as conn:
        conn.execute(forged, [["5"], petya, work])
        try:
            assert _compared(diary) == (1, False)
        finally:
            conn.execute(forged, [["2"], petya, work])
    assert _compared(diary) == (0, True)


def _compared(diary: Diary) -> tuple[int, bool]:
    """The status, and whether it is said that nothing differs; a mismatch is told by its table."""
    done = subprocess.run(
        [sys.executable, "-m", "services", "reporting", "compare", "reporting.diary.1"],
        env=os.environ | diary.stack.environment, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    if done.returncode == 1:
        assert "diary_marks has 1 rows that its events do not make, and lacks 1" in done.stdout, (
            done.stdout + done.stderr
        )
    return done.returncode, "the same" in done.stdout
