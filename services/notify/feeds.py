"""Whose secret addresses feed readers may fetch: a decision with its view, in the stream of the person."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from shared.contracts import Event
from shared.contracts.envelope import Received
from shared.contracts.notify import FeedShared, FeedWithdrawn
from shared.errors import NotFound, Refused
from shared.postgres import Conn

TABLES = ("feeds",)

MOST = 10
"""Addresses of a person."""


class TooManyFeeds(Refused):
    """You have {most} addresses. Take back one that you do not need."""

    code = "notify.too-many-feeds"
    kind = "conflict"
    ru = "У вас уже {most} адресов. Отзовите тот, который не нужен."


class FeedKnown(Refused):
    """This address exists already, or did. Make another."""

    code = "notify.feed-known"
    kind = "conflict"
    ru = "Такой адрес уже есть или был. Создайте другой."


@dataclass(frozen=True)
class Feeds:
    """A person's addresses, those taken back too."""

    shared: frozenset[UUID] = frozenset()
    withdrawn: frozenset[UUID] = frozenset()


def evolve(state: Feeds, event: Event) -> Feeds:
    match event:
        case FeedShared(feed_id=id_):
            return Feeds(state.shared | {id_}, state.withdrawn)
        case FeedWithdrawn(feed_id=id_):
            return Feeds(state.shared - {id_}, state.withdrawn | {id_})
    return state


def share(state: Feeds, person: UUID, feed_id: UUID, secret: str) -> list[Event]:
    """Raises TooManyFeeds, FeedKnown."""
    if feed_id in state.shared | state.withdrawn:
        raise FeedKnown()
    if len(state.shared) >= MOST:
        raise TooManyFeeds(most=MOST)
    return [FeedShared(feed_id=feed_id, person_id=person, secret_hash=hashed(secret))]


def withdraw(state: Feeds, person: UUID, feed_id: UUID) -> list[Event]:
    """Raises NotFound."""
    if feed_id not in state.shared | state.withdrawn:
        raise NotFound()
    return [FeedWithdrawn(feed_id=feed_id, person_id=person)] if feed_id in state.shared else []


def hashed(secret: str) -> str:
    """By what a secret is known. It has 256 bits of chance, so a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


SHARE = "INSERT INTO feeds (feed_id, person_id, secret_hash, shared_at) VALUES (%s, %s, %s, %s)"
WITHDRAW = "DELETE FROM feeds WHERE feed_id = %s"


def apply(conn: Conn, received: Sequence[Received]) -> None:
    """The view, written in the event's own transaction."""
    for one in received:
        match one.event:
            case FeedShared(feed_id=feed, person_id=person, secret_hash=secret_hash):
                conn.execute(SHARE, [feed, person, secret_hash, one.time])
            case FeedWithdrawn(feed_id=feed):
                conn.execute(WITHDRAW, [feed])


MINE = "SELECT feed_id, shared_at FROM feeds WHERE person_id = %s ORDER BY shared_at"


def mine(conn: Conn, person: UUID) -> list[dict[str, Any]]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(MINE, [person]).fetchall()


KNOW = "SELECT set_config('diary.feed', %s, true)"
OF_SECRET = "SELECT person_id FROM feeds WHERE secret_hash = %s ORDER BY shared_at, feed_id LIMIT 1"


def owner(conn: Conn, secret: str) -> UUID:
    """Whose address it is. Raises NotFound."""
    with conn.transaction():
        conn.execute(KNOW, [hashed(secret)])
        row = conn.execute(OF_SECRET, [hashed(secret)]).fetchone()
    if row is None:
        raise NotFound()
    person: UUID = row[0]
    return person
