"""Sends owed letters; the only outward I/O of the product. Rows first, then the effect, then what became of it."""

import asyncio
import logging
import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, LiteralString

from aiosmtplib import SMTPException
from psycopg import OperationalError
from psycopg.rows import dict_row

from services.notify import changes, crossings, deliveries, reminders, replans
from services.notify.channels import email
from services.notify.sentences import link, sentence
from shared.clock import Calendar
from shared.postgres import Conn, Pool
from shared.settings import Settings
from shared.stream import live

log = logging.getLogger(__name__)

TRIES = 30
"""With waits doubling from 2 s to at most 30 min, about seven hours; then the delivery has failed and is shown so."""

PAUSE = 0.25
"""Seconds between two looks for new notices and letters."""

SWEEP = 10.0
"""Seconds between two looks at notices whose facts came late, and at letters that a dead sender had taken."""

# a letter is taken for 90 s: longer than all the waits of channels/email.py together
TAKE = """
UPDATE deliveries SET state = 'sending', tries = tries + 1, next_try = now() + interval '90 seconds'
WHERE delivery_id IN (
    SELECT delivery_id FROM deliveries
    WHERE state IN ('owed', 'sending', 'unknown') AND next_try <= now()
    ORDER BY next_try LIMIT 20 FOR UPDATE SKIP LOCKED)
RETURNING delivery_id
"""

LETTERS: LiteralString = f"""
SELECT d.delivery_id, d.person_id, c.address, d.tries, n.kind, n.pupil_id, n.object_id, n.data,
       coalesce(n.on_date, w.on_date) AS day, coalesce(n.number, w.number) AS number, w.kind AS work_kind,
       g.group_id, g.subject, g.title AS group_title, p.given_name, a.family_name || ' ' || a.given_name AS author
FROM deliveries d
JOIN notices n USING (notice_id)
LEFT JOIN consents c ON c.person_id = d.person_id AND c.channel = d.channel
LEFT JOIN facts_works w ON w.work_id = n.object_id
LEFT JOIN access_groups g ON g.group_id = coalesce(n.group_id, w.group_id)
LEFT JOIN facts_names p ON p.person_id = coalesce(n.pupil_id, (n.data ->> 'pupil_id')::uuid)
LEFT JOIN facts_names a ON a.person_id = (n.data ->> 'author_id')::uuid
WHERE d.delivery_id = ANY (%s) AND {deliveries.MAY_KNOW}
"""

DROP = """
UPDATE deliveries SET state = 'dropped', done_at = now(), error = 'no right or no consent' WHERE delivery_id = ANY (%s)
"""
CRASHED = """
UPDATE deliveries SET state = 'unknown', next_try = now(), error = 'stopped while sending'
WHERE state = 'sending' AND next_try <= now()
"""


@dataclass(frozen=True)
class Outcome:
    state: str
    error: str | None = None
    wait: timedelta = timedelta()


DONE = """
UPDATE deliveries SET state = %s, error = %s, next_try = now() + %s,
    done_at = CASE WHEN %s IN ('sent', 'failed') THEN now() END
WHERE delivery_id = %s
"""


async def run(settings: Settings, pool: Pool) -> None:
    """Make deliveries of notices and send what is owed, until cancelled. Without an SMTP server letters stay owed.

    What a sender had taken when it died is `unknown` after 90 s, and is sent again with the same Message-ID. Several
    may run at once: none touches what another has taken.
    """
    calendar = Calendar.starting(settings.school_today, settings.school_time)
    clock, swept = asyncio.get_running_loop().time, 0.0
    while True:
        if again := clock() - swept > SWEEP:
            swept = clock()
        try:
            letters = await asyncio.to_thread(_look, settings, pool, calendar, again)
            await asyncio.gather(*(_send(settings, pool, letter) for letter in letters))
        except OperationalError as error:
            log.warning("the store does not answer: %s", type(error).__name__)
        await asyncio.sleep(PAUSE)


def _look(settings: Settings, pool: Pool, calendar: Calendar, again: bool) -> list[dict[str, Any]]:
    today = calendar.today("UTC")
    with pool.connection() as conn:
        if again:
            reminders.remind(conn, calendar)
        told = [
            *changes.tell(conn, calendar),
            *replans.tell(conn, calendar),
            *crossings.tell(conn, today),
            *deliveries.owe(conn, today),
        ]
        if again and deliveries.readers_moved(conn):
            told += deliveries.owe(conn, today, again=True)
        conn.commit()
        live.tell(conn, map(str, told))
        if again:
            conn.execute(CRASHED)
        return _take(conn) if settings.smtp else []


async def _send(settings: Settings, pool: Pool, letter: dict[str, Any]) -> None:
    text = sentence(letter, settings.language)
    body = f"{text}\n\n{settings.public_url}{link(letter)}\n"
    try:
        await email.send(
            settings.smtp, settings.smtp_sender, letter["delivery_id"], letter["address"], _subject(text), body
        )
        outcome = Outcome("sent")
    except email.Refused as refused:
        outcome = Outcome("failed", f"refused with {refused}")
    except email.Unknown as lost:
        outcome = _later(letter["tries"], str(lost), "unknown")
    except Exception as error:  # one letter that cannot be written holds up no other
        if not isinstance(error, SMTPException | OSError):
            log.exception("a letter was not written", extra={"delivery": str(letter["delivery_id"])})
        outcome = _later(letter["tries"], type(error).__name__)
    done = [outcome.state, outcome.error, outcome.wait, outcome.state, letter["delivery_id"]]
    await asyncio.to_thread(_execute, pool, DONE, done)


def _later(tries: int, error: str, state: str = "owed") -> Outcome:
    if tries >= TRIES:
        return Outcome("failed", error)
    return Outcome(state, error, timedelta(seconds=min(2.0**tries, 1800) * random.uniform(0.5, 1)))


def _subject(text: str) -> str:
    return text.partition(" · ")[0][:120]


def _take(conn: Conn) -> list[dict[str, Any]]:
    """Letters to send now. Those whose reader lost the right or withdrew consent since are dropped."""
    taken = [row[0] for row in conn.execute(TAKE)]
    if not taken:
        return []
    with conn.cursor(row_factory=dict_row) as cursor:
        letters = cursor.execute(LETTERS, [taken]).fetchall()
    ready = [letter for letter in letters if letter["address"]]
    lost = set(taken) - {letter["delivery_id"] for letter in ready}
    conn.execute(DROP, [list(lost)])
    return ready


def _execute(pool: Pool, query: LiteralString, parameters: list[Any] | None = None) -> None:
    with pool.connection() as conn:
        conn.execute(query, parameters)
