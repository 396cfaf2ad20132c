from datetime import date
from uuid import UUID, uuid4

import pytest

from services.identity import commands
from services.identity.domain import DemoAccount, account_of
from services.identity.tests.conftest import PASSWORD, World
from services.identity.tests.test_sign_in import account_id
from shared.contracts import envelope
from shared.testing.web import connect


def events(world: World, person: UUID) -> list[str]:
    """What the store has of the person's account."""
    with connect(world.settings, "identity", "worker") as conn:
        rows = conn.execute("SELECT document FROM events WHERE stream = %s ORDER BY version", [account_of(person)])
        return [envelope.read(row[0]).event.TYPE for row in rows]


def test_an_account_is_opened_once_whatever_is_repeated(world: World) -> None:
    person = uuid4()
    body = {"person_id": str(person), "login": "sidorov", "password": PASSWORD}
    assert world.command("POST", "/accounts", body).json()["version"] == 1
    assert world.command("POST", "/accounts", body).json()["events"] == []
    assert events(world, person) == ["diary.identity.account-opened.v1"]


def test_the_password_is_in_no_event(world: World) -> None:
    person = world.open_account("secretive")
    with connect(world.settings, "identity", "worker") as conn:
        ((document,),) = conn.execute("SELECT document FROM events WHERE stream = %s", [account_of(person)])
    for planted in (PASSWORD, "secretive", "argon2"):
        assert planted.encode() not in document


@pytest.mark.parametrize(
    ("changed", "status", "code", "pointer"),
    [
        ({"login": "TAKEN"}, 409, "identity.login-taken", "/login"),
        ({"login": "a b"}, 422, "identity.login-malformed", "/login"),
        ({"password": "short"}, 422, "identity.password-too-short", "/password"),
        ({"password": "passwordpassword"}, 422, "identity.password-known", "/password"),
        ({"role": "administrator"}, 422, "fields", "/role"),
    ],
)
def test_what_does_not_fit_is_told_at_its_field(
    world: World, changed: dict[str, str], status: int, code: str, pointer: str
) -> None:
    world.open_account("taken", account_owner)
    body = {"person_id": str(uuid4()), "login": "free", "password": PASSWORD} | changed
    answer = world.command("POST", "/accounts", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["errors"][0]["pointer"] == pointer


account_owner = uuid4()


def test_a_person_has_one_account(world: World) -> None:
    person = world.open_account("first")
    body = {"person_id": str(person), "login": "second", "password": PASSWORD}
    assert world.command("POST", "/accounts", body).json()["code"] == "identity.has-account"


def test_an_administrator_opens_accounts_in_his_school_only(world: World) -> None:
    administrator, ours, theirs, school = (uuid4() for _ in range(4))
    give(world, administrator, "administrator", school)
    give(world, ours, "pupil", school)
    give(world, theirs, "pupil", uuid4())
    headers = world.portal.headers(administrator)
    body = {"person_id": str(theirs), "login": "theirs", "password": PASSWORD}
    assert world.command("POST", "/accounts", body, headers).status_code == 403
    assert (
        world.command("POST", "/accounts", body | {"person_id": str(ours)}, world.portal.headers(ours)).status_code
        == 403
    )
    body = {"person_id": str(ours), "login": "ours", "password": PASSWORD}
    assert world.command("POST", "/accounts", body, world.portal.headers(administrator)).status_code == 200


def give(world: World, person: UUID, role: str, school: UUID) -> None:
    row = [person, role, school, date(2000, 1, 1), date(2999, 1, 1)]
    world.worker.execute("INSERT INTO access_roles VALUES (%s, %s, %s, %s, %s)", row)


def test_a_closed_account_is_out_at_once_and_can_be_opened_again(world: World) -> None:
    person = world.open_account("leaving")
    browser, _ = world.signed_in("leaving")
    path = f"/accounts/{account_of(person)}/closing"
    assert world.command("POST", path, {"cause": "person-left"}).status_code == 200
    assert "<form" in browser.authorize().text
    assert "Неверный логин или пароль." in browser.fill(browser.authorize(), "leaving", PASSWORD).text
    world.open_account("leaving", person)
    world.signed_in("leaving")
    assert [name.split(".")[2] for name in events(world, person)] == [
        "account-opened",
        "account-closed",
        "account-opened",
    ]
    assert world.command("POST", f"/accounts/{uuid4()}/closing", {"cause": "by-school"}).status_code == 404


def test_a_new_password_ends_the_other_sessions(world: World) -> None:
    person = world.open_account("changing")
    here, there = world.signed_in("changing")[0], world.signed_in("changing")[0]
    with connect(world.settings, "identity", "api") as conn:
        cookie = here.cookies["__Secure-identity-session"]
        from services.identity import sessions

        session = sessions.session_of(conn, cookie)
    assert session
    claims = {"account": account_id(world, "changing"), "sid": str(session.session_id)}
    new = "совсем другие слова тут"
    wrong = world.command("PUT", "/password", {"old": "not it", "new": new}, world.portal.headers(person, **claims))
    assert wrong.json()["errors"][0]["pointer"] == "/old"
    right = world.command("PUT", "/password", {"old": PASSWORD, "new": new}, world.portal.headers(person, **claims))
    assert right.status_code == 200, right.text
    assert "<form" not in here.authorize().text
    assert "<form" in there.authorize().text
    browser = world.browser()
    assert browser.fill(browser.authorize(), "changing", new).status_code == 303


def test_demo_accounts_stay_in_the_demo(world: World) -> None:
    world.open_account("demo-teacher", password="demo", demo=True)
    production = world.settings.model_copy(update={"environment": "production"})
    from shared import postgres

    pool = postgres.pool(production, "identity", "api", 2)
    assert commands.sign_in(pool, "demo-teacher", "demo", None, world.settings) is not None
    assert commands.sign_in(pool, "demo-teacher", "demo", None, production) is None
    pool.close()
    new = commands.NewAccount(uuid4(), "x", "demo", demo=True)
    with pytest.raises(DemoAccount):
        commands.open_account(None, None, new, None, None, production)  # type: ignore[arg-type]
