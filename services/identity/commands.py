"""Use cases of accounts and of signing in."""

import unicodedata
from dataclasses import dataclass, replace
from functools import partial
from uuid import UUID

from services.identity import domain, guesses, passwords, sessions
from services.identity.demo import Role, buttons
from services.identity.domain import Account, Cause, account_of, evolve
from services.identity.guesses import TooManyTries
from shared import access
from shared.contracts import Event
from shared.errors import NotAllowed
from shared.eventstore import Answer, Intent, Ledger
from shared.postgres import Conn, Pool
from shared.settings import Settings
from shared.web.auth import Caller


@dataclass(frozen=True)
class NewAccount:
    person_id: UUID
    login: str
    password: str
    demo: bool = False
    button: tuple[Role, str] | None = None
    """Of a demo account: the role and the name on its button of the demo's sign-in page."""


@dataclass(frozen=True)
class SignedIn:
    """A new session: its cookie, and the cookie by which the browser is known later."""

    session_id: UUID
    cookie: str
    device: str


def login_key(login: str) -> str | None:
    """The login as it is compared: NFKC, trimmed, case folded. None for what can be no login."""
    key = unicodedata.normalize("NFKC", login).strip().casefold()
    proper = 1 <= len(key) <= 100 and not any(c.isspace() or unicodedata.category(c)[0] == "C" for c in key)
    return key if proper else None


def open_account(ledger: Ledger, pool: Pool, new: NewAccount, by: Caller, intent: Intent, settings: Settings) -> Answer:
    """Open a person's account. Raises what domain.py and passwords.check refuse, NotAllowed."""
    if new.demo and settings.environment == "production":
        raise domain.DemoAccount("/demo")
    if new.button and not new.demo:
        raise domain.DemoAccount("/button")
    key = login_key(new.login)
    if key is None:
        raise domain.LoginMalformed("/login")
    if not new.demo:
        passwords.check(new.password, second_factor=False, words=[key])
    with pool.connection() as conn:
        if not _keeps(conn, by, new.person_id):
            raise NotAllowed()
    account = account_of(new.person_id)
    decide = partial(_open, new=new, key=key, hashed=passwords.hashed(new.password))
    return ledger.change(account, Account(account), evolve, decide, _for(intent, account))


def _open(account: Account, conn: Conn, new: NewAccount, key: str, hashed: str) -> list[Event]:
    owner = conn.execute(LOGIN_OF, [key]).fetchone()
    if owner is not None and owner[0] != account.account_id:
        raise domain.LoginTaken("/login")
    events = domain.open_account(account, new.person_id)
    if not events and owner is None:
        raise domain.HasAccount("/person_id")
    if events:
        button = new.button or (None, None)
        conn.execute(STORE, [account.account_id, new.person_id, new.login.strip(), key, new.demo, *button])
        conn.execute(PASSWORD, [account.account_id, hashed])
    return events


LOGIN_OF = "SELECT account_id FROM accounts WHERE login_key = %s"
STORE = """
INSERT INTO accounts (account_id, person_id, login, login_key, demo, button_role, button_name)
VALUES (%s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (account_id) DO UPDATE SET login = excluded.login, login_key = excluded.login_key, closed_at = NULL
"""
PASSWORD = """
INSERT INTO passwords (account_id, hash) VALUES (%s, %s)
ON CONFLICT (account_id) DO UPDATE SET hash = excluded.hash, changed_at = now()
"""
PERSON_OF = "SELECT person_id FROM accounts WHERE account_id = %s"
HASH_OF = "SELECT hash, login_key FROM passwords JOIN accounts USING (account_id) WHERE account_id = %s"
CLOSE = "UPDATE accounts SET closed_at = now() WHERE account_id = %s"


def close_account(ledger: Ledger, pool: Pool, account: UUID, cause: Cause, by: Caller, intent: Intent) -> Answer:
    """Close an account and end its sessions. Raises NoAccount, also for one that is not his to close."""
    with pool.connection() as conn:
        row = conn.execute(PERSON_OF, [account]).fetchone()
        if row is None or not _keeps(conn, by, row[0]):
            raise domain.NoAccount()

    def decide(state: Account, conn: Conn) -> list[Event]:
        events = domain.close_account(state, cause)
        conn.execute(CLOSE, [account])
        sessions.end_all(conn, account)
        return events

    return ledger.change(account, Account(account), evolve, decide, _for(intent, account))


def change_password(ledger: Ledger, pool: Pool, old: str, new: str, by: Caller, intent: Intent) -> Answer:
    """One's own; other sessions end. Raises WrongPassword, TooManyTries, what passwords.check refuses."""
    account = by.account_id
    if account is None:
        raise NotAllowed()
    with pool.connection() as conn:
        hashed, key = conn.execute(HASH_OF, [account]).fetchone() or ("", "")
    passwords.check(new, second_factor=False, words=[key], at="/new")
    counted = guesses.subject(key, f"session {by.session}")
    with pool.connection() as conn:
        guesses.count(conn, counted)
    if not passwords.matches(old, hashed):
        raise domain.WrongPassword("/old")
    fresh = passwords.hashed(new)

    def decide(state: Account, conn: Conn) -> list[Event]:
        events = domain.change_password(state)
        conn.execute(PASSWORD, [account, fresh])
        guesses.forgive(conn, counted)
        sessions.end_all(conn, account, but=UUID(by.session))
        return events

    return ledger.change(account, Account(account), evolve, decide, _for(intent, account))


def _for(intent: Intent, account: UUID) -> Intent:
    """Account streams are keyed by the account, which no roster scope has."""
    return replace(intent, scope=(*intent.scope, account))


def _keeps(conn: Conn, by: Caller, person: UUID) -> bool:
    """The operator anyone's account; an administrator those of people of his school and the parents of its pupils."""
    return by.operator or bool(set(access.schools_of(conn, person)) & set(by.schools_as("administrator")))


def sign_in(pool: Pool, login: str, password: str, device: str | None, settings: Settings) -> SignedIn | None:
    """A new session, or None when login or password is wrong, or the account closed: nobody learns which.

    Takes the same time for known and unknown logins. Raises TooManyTries, passwords.Busy.
    """
    key = login_key(login) or ""
    with pool.connection() as conn:
        account = sessions.known(conn, key)
        known_device = account is not None and sessions.is_known_device(conn, account.account_id, device)
    counted = guesses.subject(key, device if known_device else None)
    _count(pool, counted, account, known_device)
    right = passwords.matches(password[: passwords.LONGEST + 1], account.hash if account else None)
    usable = account is not None and not account.closed and (not account.demo or settings.environment != "production")
    if account is None or not right or not usable:
        outcome = "closed" if right and not usable else "wrong-password"
        with pool.connection() as conn:
            sessions.log(conn, account.account_id if account else None, outcome, known_device)
        return None
    with pool.connection() as conn, conn.transaction():
        guesses.forgive(conn, counted)
        return _begun(conn, account.account_id, device if known_device else None)


def sign_in_by_button(pool: Pool, account: UUID, device: str | None, settings: Settings) -> SignedIn | None:
    """A new session of one of the people whom the demo's page shows; None for all others, and outside a demo."""
    with pool.connection() as conn, conn.transaction():
        if account not in {button.account_id for button in buttons(conn, settings)}:
            return None
        return _begun(conn, account, device if sessions.is_known_device(conn, account, device) else None)


def _begun(conn: Conn, account: UUID, device: str | None) -> SignedIn:
    """`device`: the browser's cookie, if it has signed in to the account before."""
    sessions.log(conn, account, "signed-in", device is not None)
    session, cookie = sessions.begin(conn, account)
    kept = device or sessions.secret()
    sessions.remember_device(conn, account, kept)
    return SignedIn(session, cookie, kept)


def _count(pool: Pool, counted: bytes, account: sessions.Known | None, known_device: bool) -> None:
    try:
        with pool.connection() as conn:
            guesses.count(conn, counted)
    except TooManyTries:
        with pool.connection() as conn:
            sessions.log(conn, account.account_id if account else None, "too-many", known_device)
        raise
