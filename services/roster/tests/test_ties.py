"""Who becomes a guardian by the school's word, over HTTP: claims, invitations, changed and ended ties."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.roster import ties
from services.roster.main import SERVICE
from services.roster.tests.conftest import Roster, bundle, differences, edited, known_as
from services.roster.ties import joined
from shared.contracts.roster import InvitationIssued, Tie
from shared.testing.rebuilt import before_and_after

PUPIL, CLASSMATE, STRANGER = (known_as(who) for who in ("p1", "p2", "p3"))
MOTHER, FATHER, RELATIVE, PRINCIPAL, TEACHER = (known_as(who) for who in ("m1", "f1", "g2", "a1", "t1"))
SCHOOL, OTHER_SCHOOL = known_as("S1", "orgs"), known_as("S2", "orgs")


def claimed(roster: Roster, who: UUID = RELATIVE, **other: Any) -> UUID:
    claim_id = uuid4()
    body = {"claim_id": str(claim_id), "school_id": str(SCHOOL), "child": "Пётр Ёлкин", "class_title": "7А"}
    answer = roster.command(who, "POST", "/claims", **{**body, "relation": "parent", **other})
    assert answer.status_code == 200, answer.text
    return claim_id


def decided(roster: Roster, claim_id: UUID, pupil: UUID | None, who: UUID = PRINCIPAL) -> Any:
    return roster.command(who, "POST", f"/claims/{claim_id}/decision", pupil_id=pupil and str(pupil))


def invited(roster: Roster, **other: Any) -> tuple[UUID, str]:
    invitation_id = uuid4()
    body = {"invitation_id": str(invitation_id), "pupil_id": str(PUPIL), **other}
    answer = roster.command(PRINCIPAL, "POST", "/invitations", **body)
    assert answer.status_code == 200, answer.text
    return invitation_id, answer.json()["code"]


def redeemed(roster: Roster, code: str, who: UUID = RELATIVE) -> Any:
    return roster.command(who, "POST", "/invitations/redemption", code=code)


def children(roster: Roster, who: UUID) -> set[str]:
    return {child["name"] for child in roster.ask(who, "/me").json()["children"]}


def guardians(roster: Roster, pupil: UUID = PUPIL) -> dict[str, list[str]]:
    found = roster.ask(PRINCIPAL, f"/persons/{pupil}").json()["guardians"]
    return {one["name"]: one["rights"] for one in found}


def code_in(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code")


def test_naming_school_and_class_opens_nothing_until_the_school_confirms(district: Roster) -> None:
    claim_id = claimed(district)
    assert children(district, RELATIVE) == {"Жукова Вера"}
    assert district.ask(RELATIVE, f"/persons/{PUPIL}").status_code == 404
    assert [one["state"] for one in district.ask(RELATIVE, "/claims").json()["claims"]] == ["waiting"]
    [waiting] = district.ask(PRINCIPAL, "/claims/waiting").json()["claims"]
    assert (waiting["guardian"], waiting["child"], waiting["class_title"]) == ("Жукова Нина", "Пётр Ёлкин", "7А")
    assert decided(district, claim_id, PUPIL).status_code == 200
    assert children(district, RELATIVE) == {"Жукова Вера", "Ёлкин Пётр Олегович"}
    assert guardians(district)["Жукова Нина"] == ["see", "act", "notices"]
    assert district.ask(RELATIVE, "/claims").json()["claims"][0]["state"] == "confirmed"
    assert district.ask(PRINCIPAL, "/claims/waiting").json()["claims"] == []


def test_a_declined_or_withdrawn_claim_opens_nothing_and_ends(district: Roster) -> None:
    declined, withdrawn = claimed(district), claimed(district)
    assert decided(district, declined, None).status_code == 200
    assert code_in(decided(district, declined, PUPIL)) == (409, "roster.claim-ended")
    assert district.command(RELATIVE, "POST", f"/claims/{withdrawn}/withdrawal").status_code == 200
    assert code_in(decided(district, withdrawn, PUPIL)) == (409, "roster.claim-ended")
    assert children(district, RELATIVE) == {"Жукова Вера"}


def test_only_who_runs_the_school_decides_and_nobody_about_his_own_claim(district: Roster) -> None:
    claim_id, own = claimed(district), claimed(district, PRINCIPAL)
    for stranger in (RELATIVE, MOTHER, TEACHER):
        assert decided(district, claim_id, PUPIL, stranger).status_code == 403
    assert decided(district, own, PUPIL).status_code == 404
    assert decided(district, uuid4(), PUPIL).status_code == 404
    elsewhere = claimed(district, school_id=str(OTHER_SCHOOL))
    assert decided(district, elsewhere, PUPIL).status_code == 404
    assert district.command(MOTHER, "POST", f"/claims/{claim_id}/withdrawal").status_code == 404
    assert children(district, RELATIVE) == {"Жукова Вера"}


def test_who_runs_one_school_decides_nothing_at_another_where_his_child_learns(roster: Roster) -> None:
    mother = edited("users.csv", ("p3,,,true,p3,,Яна,Ежова,,103,,,,,5,", "p3,,,true,p3,,Яна,Ежова,,103,,,,a1,5,"))
    role = edited("roles.csv", ("r9,,,a1", "r11,,,a1,primary,parent,,,S2,\nr9,,,a1"))
    roster.imported(bundle({**mother, **role}))
    assert children(roster, PRINCIPAL) == {"Ежова Яна"}
    claim_id = claimed(roster, school_id=str(OTHER_SCHOOL))
    assert roster.ask(PRINCIPAL, "/claims/waiting").json()["claims"] == []
    assert decided(roster, claim_id, None).status_code == 404
    body = {"invitation_id": str(uuid4()), "pupil_id": str(STRANGER)}
    assert code_in(roster.command(PRINCIPAL, "POST", "/invitations", **body)) == (404, "roster.not-our-pupil")


def test_a_claim_is_confirmed_for_a_pupil_of_the_school_and_not_for_the_claimant(district: Roster) -> None:
    assert code_in(decided(district, claimed(district), STRANGER)) == (404, "roster.not-our-pupil")
    assert code_in(decided(district, claimed(district, PUPIL), PUPIL)) == (422, "roster.own-guardian")


def test_a_claim_of_nonsense_says_what_is_wrong(district: Roster) -> None:
    body = {"claim_id": str(uuid4()), "school_id": str(uuid4()), "child": "Пётр", "class_title": "7А"}
    answer = district.command(RELATIVE, "POST", "/claims", **body, relation="parent")
    assert code_in(answer) == (422, "roster.no-such-school")
    assert answer.json()["errors"][0]["pointer"] == "/school_id"
    for _ in range(ties.WAITING):
        claimed(district)
    body |= {"school_id": str(SCHOOL)}
    assert code_in(district.command(RELATIVE, "POST", "/claims", **body, relation="parent")) == (
        409, "roster.too-many-claims",
    )  # fmt: skip
    answer = district.command(MOTHER, "POST", "/claims", **{**body, "child": "  "}, relation="parent")
    assert answer.json()["errors"][0]["pointer"] == "/child"


def test_schools_are_found_by_part_of_the_name_or_number_and_nothing_else_of_them(district: Roster) -> None:
    found = district.ask(RELATIVE, "/schools", query="школа").json()
    assert [one["name"] for one in found] == ["Школа № 1", "Школа № 2"] and found[0]["district"] == "Город"
    assert [one["name"] for one in district.ask(RELATIVE, "/schools", query="12").json()] == ["Школа № 2"]
    assert district.ask(RELATIVE, "/schools", query="%%").json() == []
    assert code_in(district.ask(RELATIVE, "/schools", query="ш")) == (422, "roster.query-too-short")
    assert [one["title"] for one in district.ask(RELATIVE, "/groups").json()] == ["7А алгебра"]  # her own child's


def test_a_code_is_redeemed_once_and_ties_at_once(district: Roster) -> None:
    invitation_id, code = invited(district, relation="guardian", rights=["see"])
    assert len(code) == 26 and ties.code_hash(code.lower()) == ties.code_hash(code)
    typed = f" {code[:5].lower()}-{code[5:15]} {code[15:]}"
    assert redeemed(district, typed).status_code == 200
    assert children(district, RELATIVE) == {"Жукова Вера", "Ёлкин Пётр Олегович"}
    assert guardians(district)["Жукова Нина"] == ["see"]
    assert code_in(redeemed(district, code, FATHER)) == (422, "roster.code-invalid")
    assert code_in(redeemed(district, code)) == (422, "roster.code-invalid")
    [shown] = district.ask(PRINCIPAL, "/invitations", pupil_id=PUPIL).json()["invitations"]
    assert shown["state"] == "redeemed" and shown["guardian_id"] == str(RELATIVE) and code not in str(shown)
    answer = district.command(PRINCIPAL, "POST", f"/invitations/{invitation_id}/withdrawal")
    assert code_in(answer) == (409, "roster.invitation-ended")


def test_a_code_that_was_taken_back_or_never_given_out_opens_nothing_and_says_the_same(district: Roster) -> None:
    invitation_id, code = invited(district)
    assert district.command(PRINCIPAL, "POST", f"/invitations/{invitation_id}/withdrawal").status_code == 200
    answers = [redeemed(district, shown) for shown in (code, "A" * 26, code[:-1], "привет", "0189")]
    assert {code_in(answer) for answer in answers} == {(422, "roster.code-invalid")}
    assert {answer.json()["errors"][0]["pointer"] for answer in answers} == {"/code"}
    assert children(district, RELATIVE) == {"Жукова Вера"}


def test_the_same_command_again_gives_the_same_code_and_another_person_another(district: Roster) -> None:
    headers = district.portal.headers(PRINCIPAL)
    body = {"invitation_id": str(uuid4()), "pupil_id": str(PUPIL)}
    first, again = (district.client.post("/invitations", json=body, headers=headers) for _ in range(2))
    assert first.json() == again.json()
    assert code_in(district.command(PRINCIPAL, "POST", "/invitations", **body)) == (409, "roster.invitation-known")
    assert invited(district)[1] != first.json()["code"]


def test_the_code_is_kept_nowhere(district: Roster) -> None:
    _, code = invited(district)
    with district.admin() as conn:
        for table in ("events", "answers", "invitations", "invitation_codes"):
            rows = conn.execute(f"SELECT {table}::text FROM {table}".encode()).fetchall()
            assert rows and not any(code in str(row) for row in rows), table


def test_only_who_runs_the_pupils_school_invites_and_reads_invitations(district: Roster) -> None:
    body = {"invitation_id": str(uuid4()), "pupil_id": str(PUPIL)}
    for stranger in (MOTHER, TEACHER, PUPIL):
        assert district.command(stranger, "POST", "/invitations", **body).status_code == 403
        assert district.ask(stranger, "/invitations", pupil_id=PUPIL).status_code == 403
    body |= {"pupil_id": str(STRANGER)}
    assert code_in(district.command(PRINCIPAL, "POST", "/invitations", **body)) == (404, "roster.not-our-pupil")
    assert code_in(district.ask(PRINCIPAL, "/invitations", pupil_id=STRANGER)) == (404, "roster.not-our-pupil")


def test_a_tie_ends_at_once_and_no_import_brings_it_back(district: Roster) -> None:
    path = f"/persons/{PUPIL}/guardians/{MOTHER}"
    assert district.command(PRINCIPAL, "PUT", path, rights=[]).status_code == 200
    assert children(district, MOTHER) == set() and "Ёлкина Ольга" not in guardians(district)
    assert district.imported(bundle())["state"] == "unchanged"
    moved = edited("users.csv", ("Вера,Жукова", "Вера,Жукова-Рощина"))
    assert differences(district.imported(bundle(moved))) == {"persons": {"changed": 1}}
    assert children(district, MOTHER) == set()
    assert district.command(PRINCIPAL, "PUT", path, rights=["see"]).status_code == 200
    assert children(district, MOTHER) == {"Ёлкин Пётр Олегович"}


def test_who_may_act_or_is_told_sees_too(district: Roster) -> None:
    path = f"/persons/{PUPIL}/guardians/{MOTHER}"
    assert district.command(PRINCIPAL, "PUT", path, rights=["notices", "notices"]).status_code == 200
    assert guardians(district)["Ёлкина Ольга"] == ["see", "notices"]


def test_what_the_school_tied_stays_through_imports_of_other_ties(district: Roster) -> None:
    redeemed(district, invited(district)[1])
    less = edited("users.csv", ('"m1,f1"', "f1"), (",801,,,+7 900 000-00-01,p1,,", ",801,,,+7 900 000-00-01,,,"))
    assert differences(district.imported(bundle(less))) == {"families": {"changed": 1}}
    assert set(guardians(district)) == {"Ёлкин Олег", "Жукова Нина"}
    assert children(district, RELATIVE) == {"Жукова Вера", "Ёлкин Пётр Олегович"}


def test_who_changes_ties(district: Roster) -> None:
    path = f"/persons/{PUPIL}/guardians/{MOTHER}"
    for stranger in (MOTHER, TEACHER, FATHER):
        assert district.command(stranger, "PUT", path, rights=[]).status_code == 403
    answer = district.command(PRINCIPAL, "PUT", f"/persons/{PUPIL}/guardians/{TEACHER}", rights=[])
    assert code_in(answer) == (404, "roster.no-such-tie")
    answer = district.command(PRINCIPAL, "PUT", f"/persons/{STRANGER}/guardians/{MOTHER}", rights=[])
    assert code_in(answer) == (404, "roster.not-our-pupil")


def test_a_word_is_refused_while_an_import_compares(district: Roster) -> None:
    claim_id = claimed(district)
    with district.admin() as conn, conn.transaction():
        conn.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", [str(known_as("D", "orgs"))])
        assert code_in(decided(district, claim_id, PUPIL)) == (409, "roster.import-under-way")
    assert decided(district, claim_id, PUPIL).status_code == 200


def test_the_view_made_anew_shows_the_same(district: Roster) -> None:
    decided(district, claimed(district), PUPIL)
    claimed(district, FATHER)
    redeemed(district, invited(district)[1], FATHER)
    before, after = before_and_after(district.settings, SERVICE)
    assert after == before and before["claims"] and before["invitations"]


def test_nothing_of_a_claim_stays_opened_when_who_made_it_is_erased(district: Roster) -> None:
    decided(district, claimed(district), PUPIL)
    claimed(district)
    gone = edited("roles.csv", ("r8,,,g2,primary,relative,,,S1,\n", ""))
    district.imported(bundle(gone))
    assert district.command(known_as("o1"), "POST", f"/persons/{RELATIVE}/erasure", act="1").status_code == 200
    assert district.count("claims") == 0


@pytest.mark.parametrize(("day", "opens"), [(date(2021, 10, 18), True), (date(2021, 10, 19), False)])
def test_a_code_opens_until_its_last_day(day: date, opens: bool) -> None:
    issued = InvitationIssued(
        invitation_id=uuid4(), school_id=SCHOOL, pupil_id=PUPIL, relation="parent", rights=("see",),
        expires_on=date(2021, 10, 18),
    )  # fmt: skip
    state = ties.evolve_invitation(ties.Invitation(), issued)
    if opens:
        assert ties.redeem(state, MOTHER, day)
    else:
        with pytest.raises(ties.CodeInvalid):
            ties.redeem(state, MOTHER, day)


def test_the_schools_word_stands_over_the_districts() -> None:
    def tie(guardian: UUID, *rights: Any, by_school: bool = False) -> Tie:
        return Tie(guardian_id=guardian, relation="parent", rights=rights, by_school=by_school)

    imported = [tie(MOTHER, "see", "act"), tie(FATHER, "see")]
    ended, added = tie(MOTHER, by_school=True), tie(RELATIVE, "see", by_school=True)
    assert joined(imported, []) == tuple(imported)
    whole = joined(imported, [added, ended, tie(FATHER, "act")])
    assert whole[0] == imported[1] and set(whole[1:]) == {ended, added}
    assert joined(imported, reversed(whole)) == whole
