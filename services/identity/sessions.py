"""Rows of signing in: requests, sessions, codes, tokens, guesses, devices, the log. Only hashes of secrets are kept."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from psycopg.rows import class_row

from shared.postgres import Conn

ACR = "urn:diary:acr:password"
"""One factor. README.md names the values of the factors to come."""


def secret() -> str:
    """256 random bits for a cookie, a code or a token."""
    return secrets.token_urlsafe(32)


def digest(value: str) -> bytes:
    """Of a secret with its full strength: no salt is needed."""
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).digest()


@dataclass(frozen=True)
class Asked:
    """An authorization request that was found in order; its sign-in has 10 minutes."""

    request_id: UUID
    client_id: str
    redirect_uri: str
    state: str
    nonce: str
    challenge: str


@dataclass(frozen=True)
class Session:
    session_id: UUID
    account_id: UUID
    person_id: UUID
    acr: str
    auth_time: datetime


@dataclass(frozen=True)
class Known:
    """An account by its login."""

    account_id: UUID
    person_id: UUID
    demo: bool
    closed: bool
    hash: str | None


ASK = """
INSERT INTO requests (request_id, browser, csrf, client_id, redirect_uri, state, nonce, challenge, expires_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, now() + interval '10 minutes')
"""
ASKED = """
SELECT request_id, client_id, redirect_uri, state, nonce, challenge FROM requests
WHERE request_id = %s AND browser = %s AND expires_at > now()
"""
ASKED_WITH_CSRF = ASKED.rstrip() + " AND csrf = %s"
DONE = "DELETE FROM requests WHERE request_id = %s"


def ask(conn: Conn, asked: Asked, browser: str, csrf: str) -> None:
    """Keep a request until its user has signed in."""
    conn.execute(
        ASK,
        [asked.request_id, digest(browser), digest(csrf), asked.client_id, asked.redirect_uri, asked.state, asked.nonce,
         asked.challenge],
    )  # fmt: skip


def asked(conn: Conn, request_id: UUID, browser: str, csrf: str | None = None) -> Asked | None:
    """The request of this browser; with `csrf` only if that belongs to it too."""
    with conn.cursor(row_factory=class_row(Asked)) as cursor:
        if csrf is None:
            return cursor.execute(ASKED, [request_id, digest(browser)]).fetchone()
        return cursor.execute(ASKED_WITH_CSRF, [request_id, digest(browser), digest(csrf)]).fetchone()


def answered(conn: Conn, request_id: UUID) -> None:
    conn.execute(DONE, [request_id])


KNOWN = """
SELECT account_id, person_id, demo, closed_at IS NOT NULL AS closed, hash
FROM accounts LEFT JOIN passwords USING (account_id) WHERE login_key = %s
"""


def known(conn: Conn, login_key: str) -> Known | None:
    with conn.cursor(row_factory=class_row(Known)) as cursor:
        return cursor.execute(KNOWN, [login_key]).fetchone()


BEGIN = "INSERT INTO sessions (session_id, secret, account_id, acr) VALUES (%s, %s, %s, %s)"
# seen_at is written once a minute at most
SESSION = """
WITH seen AS (
  UPDATE sessions SET seen_at = now() WHERE secret = %(secret)s AND seen_at < now() - interval '1 minute'
    AND ended_at IS NULL AND seen_at > now() - interval '12 hours')
SELECT session_id, account_id, person_id, acr, auth_time FROM sessions JOIN accounts USING (account_id)
WHERE secret = %(secret)s AND ended_at IS NULL AND closed_at IS NULL
  AND seen_at > now() - interval '12 hours' AND auth_time > now() - interval '7 days'
"""
SESSIONS_BY_ID = """
SELECT session_id, account_id, person_id, acr, auth_time FROM sessions JOIN accounts USING (account_id)
WHERE session_id = ANY (%s) AND ended_at IS NULL AND closed_at IS NULL AND auth_time > now() - interval '7 days'
"""
END = "UPDATE sessions SET ended_at = now() WHERE session_id = %s AND ended_at IS NULL"
END_ALL = """
UPDATE sessions SET ended_at = now() WHERE account_id = %s AND ended_at IS NULL AND session_id IS DISTINCT FROM %s
RETURNING session_id
"""


def begin(conn: Conn, account: UUID) -> tuple[UUID, str]:
    """A new session with a new id and secret, after a right password."""
    session, cookie = uuid4(), secret()
    conn.execute(BEGIN, [session, digest(cookie), account, ACR])
    return session, cookie


def session_of(conn: Conn, cookie: str | None) -> Session | None:
    """The living session of a cookie: at most 12 hours idle, 7 days in all."""
    if not cookie:
        return None
    with conn.cursor(row_factory=class_row(Session)) as cursor:
        return cursor.execute(SESSION, {"secret": digest(cookie)}).fetchone()


def living(conn: Conn, session_id: UUID) -> Session | None:
    """The session if it was not ended and its account not closed."""
    return next(iter(all_living(conn, [session_id])), None)


def all_living(conn: Conn, session_ids: Sequence[UUID]) -> list[Session]:
    """Those of the sessions that were not ended and whose accounts are not closed."""
    with conn.cursor(row_factory=class_row(Session)) as cursor:
        return cursor.execute(SESSIONS_BY_ID, [list(session_ids)]).fetchall()


def end(conn: Conn, session_id: UUID) -> None:
    conn.execute(END, [session_id])


def end_all(conn: Conn, account: UUID, but: UUID | None = None) -> list[UUID]:
    """End the account's sessions, one excepted. Returns which."""
    return [row[0] for row in conn.execute(END_ALL, [account, but])]


ISSUE = """
INSERT INTO codes (code, client_id, redirect_uri, nonce, challenge, session_id, expires_at)
VALUES (%s, %s, %s, %s, %s, %s, now() + interval '60 seconds')
"""
USE = """
UPDATE codes SET used_at = now() WHERE code = %s AND used_at IS NULL AND expires_at > now()
RETURNING client_id, redirect_uri, nonce, challenge, session_id
"""
REUSED = "SELECT session_id FROM codes WHERE code = %s AND used_at IS NOT NULL"
GRANT = "INSERT INTO tokens (token, code, session_id, expires_at) VALUES (%s, %s, %s, now() + interval '5 minutes')"
REVOKE = "DELETE FROM tokens WHERE code = %s"
TOKEN = "SELECT session_id FROM tokens WHERE token = %s AND expires_at > now()"


def issue(conn: Conn, wanted: Asked, session_id: UUID) -> str:
    """A code for the client: once, within 60 s."""
    code = secret()
    conn.execute(
        ISSUE, [digest(code), wanted.client_id, wanted.redirect_uri, wanted.nonce, wanted.challenge, session_id]
    )
    return code


def use(conn: Conn, code: str) -> tuple[str, str, str, str, UUID] | None:
    """(client, redirect, nonce, challenge, session) of a good code, which is used up by it.

    A code that comes a second time was stolen by somebody: its tokens and its session end.
    """
    row: tuple[Any, ...] | None = conn.execute(USE, [digest(code)]).fetchone()
    if row is not None:
        return row[0], row[1], row[2], row[3], row[4]
    stolen = conn.execute(REUSED, [digest(code)]).fetchone()
    if stolen is not None:
        conn.execute(REVOKE, [digest(code)])
        end(conn, stolen[0])
    return None


def grant(conn: Conn, code: str, session_id: UUID) -> str:
    """An access token for /userinfo, 5 minutes."""
    token = secret()
    conn.execute(GRANT, [digest(token), digest(code), session_id])
    return token


def granted(conn: Conn, token: str) -> Session | None:
    row = conn.execute(TOKEN, [digest(token)]).fetchone()
    return living(conn, row[0]) if row else None


DEVICE = "UPDATE devices SET seen_at = now() WHERE account_id = %s AND device = %s RETURNING 1"
REMEMBER = "INSERT INTO devices (account_id, device) VALUES (%s, %s) ON CONFLICT DO NOTHING"
LOG = "INSERT INTO sign_ins (account_id, outcome, method, known_device) VALUES (%s, %s, 'password', %s)"
MINE = "SELECT at, outcome, method, known_device FROM sign_ins WHERE account_id = %s ORDER BY at DESC LIMIT %s"


def is_known_device(conn: Conn, account: UUID, device: str | None) -> bool:
    """Whether this browser has signed in to the account before."""
    return device is not None and conn.execute(DEVICE, [account, digest(device)]).fetchone() is not None


def remember_device(conn: Conn, account: UUID, device: str) -> None:
    conn.execute(REMEMBER, [account, digest(device)])


def log(conn: Conn, account: UUID | None, outcome: str, known_device: bool) -> None:
    """One line of the sign-in log: `signed-in`, `wrong-password`, `too-many`, `closed`, `signed-out`."""
    conn.execute(LOG, [account, outcome, known_device])


def logged(conn: Conn, account: UUID, limit: int) -> list[tuple[datetime, str, str, bool]]:
    return [(row[0], row[1], row[2], row[3]) for row in conn.execute(MINE, [account, limit])]


SWEEP = (
    "DELETE FROM requests WHERE expires_at < now()",
    "DELETE FROM tokens WHERE expires_at < now()",
    "DELETE FROM codes WHERE expires_at < now() - interval '1 day'",
    "DELETE FROM guesses WHERE at < now() - interval '30 days'",
    "DELETE FROM sign_ins WHERE at < now() - interval '1 year'",
    "DELETE FROM devices WHERE seen_at < now() - interval '1 year'",
)


ERASED = (
    """
    UPDATE accounts SET login = 'erased ' || account_id, login_key = 'erased ' || account_id, button_name = NULL,
        button_role = NULL, closed_at = coalesce(closed_at, now())
    WHERE person_id = ANY (%(people)s) AND login_key <> 'erased ' || account_id
    """,
    "DELETE FROM passwords USING accounts a WHERE passwords.account_id = a.account_id AND person_id = ANY (%(people)s)",
    "DELETE FROM devices USING accounts a WHERE devices.account_id = a.account_id AND person_id = ANY (%(people)s)",
    """
    UPDATE sessions SET ended_at = now() FROM accounts a
    WHERE sessions.account_id = a.account_id AND person_id = ANY (%(people)s) AND ended_at IS NULL
    """,
)
"""What is left of an erased person's account: its id, closed."""


def sweep(conn: Conn) -> None:
    """Delete what has run out; the sign-in log is kept for a year."""
    for statement in SWEEP:
        conn.execute(statement)
