"""Event stores on PostgreSQL that people use today, on the same server with the same bytes and the same client.

message-db (npm @eventide/message-db) and Emmett (npm @event-driven-io/emmett-postgresql), as installed by their own
packages; called by their own SQL functions through psycopg, so that what is measured is the store and not a language.
Both keep jsonb, so our document goes in as that.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from uuid import uuid4

import psycopg

from deploy.embedded.node import node, npm
from shared import postgres
from shared.postgres import Conn
from shared.settings import Settings

HERE = Path(__file__).parent
MADE = 60
Append = Callable[[], int]
"""Appends once and returns how many events that were."""

ORDER = (
    "schema/message-store.sql", "tables/messages.sql", "types/message.sql",
    "functions/message-store-version.sql", "functions/hash-64.sql", "functions/acquire-lock.sql",
    "functions/category.sql", "functions/is-category.sql", "functions/id.sql", "functions/cardinal-id.sql",
    "functions/stream-version.sql", "functions/write-message.sql", "functions/get-stream-messages.sql",
    "functions/get-last-stream-message.sql", "indexes/messages-id.sql", "indexes/messages-stream.sql",
    "indexes/messages-category.sql",
)  # fmt: skip
"""As its install.sh has it, without roles, views and privileges, and pgcrypto, whose function is built in now."""


def install(settings: Settings, service: str) -> None:
    """Both stores in the bench's database. Raises CalledProcessError, psycopg.Error."""
    npm(["ci", "--loglevel=error"], HERE)
    admin = settings.postgres_admin.get_secret_value()
    database = HERE / "node_modules" / "@eventide" / "message-db" / "database"
    with psycopg.connect(admin, dbname=f"diary_{service}", autocommit=True) as conn:
        conn.execute("SET search_path = message_store, public")
        for file in ORDER:
            conn.execute((database / file).read_bytes())
        conn.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA message_store TO {service}_migrate".encode())
        conn.execute(f"GRANT ALL ON ALL SEQUENCES IN SCHEMA message_store TO {service}_migrate".encode())
        conn.execute(f"GRANT USAGE ON SCHEMA message_store TO {service}_migrate".encode())
    node([HERE / "emmett.mjs", _address(settings, service)], HERE)


def _address(settings: Settings, service: str) -> str:
    password = settings.postgres_password.get_secret_value()
    return settings.postgres.replace("://", f"://{service}_migrate:{password}@") + f"/diary_{service}"


class Store:
    """One connection of a writer. `append` adds the document to the stream, which has `version` events."""

    def __init__(self, conn: Conn) -> None:
        self.conn = conn

    def append(self, stream: str, version: int, type_: str, document: str) -> None:
        raise NotImplementedError

    def load(self, stream: str) -> Sequence[object]:
        raise NotImplementedError


class MessageDb(Store):
    WRITE = "SELECT message_store.write_message(%s, %s, %s, %s::jsonb, NULL, %s)"
    READ = "SELECT data FROM message_store.get_stream_messages(%s, 0, 1000)"

    def append(self, stream: str, version: int, type_: str, document: str) -> None:
        self.conn.execute(self.WRITE, [str(uuid4()), f"work-{stream}", type_, document, version - 1])

    def load(self, stream: str) -> Sequence[object]:
        return self.conn.execute(self.READ, [f"work-{stream}"]).fetchall()


class Emmett(Store):
    WRITE = """
    SELECT success FROM emt_append_to_stream(ARRAY[%s]::text[], ARRAY[%s]::jsonb[], ARRAY['{}']::jsonb[],
        ARRAY['1']::text[], ARRAY[%s]::text[], ARRAY['E']::text[], %s::text, 'work', %s::bigint, 'emt:default')
    """
    READ = "SELECT message_data FROM emt_messages WHERE stream_id = %s ORDER BY stream_position"

    def append(self, stream: str, version: int, type_: str, document: str) -> None:
        row = self.conn.execute(self.WRITE, [str(uuid4()), document, type_, stream, version]).fetchone()
        assert row == (True,)

    def load(self, stream: str) -> Sequence[object]:
        return self.conn.execute(self.READ, [stream]).fetchall()


@contextmanager
def appending(
    kind: type[Store], settings: Settings, service: str, documents: Sequence[bytes], type_: str
) -> Iterator[Append]:
    """One new stream with one event at each call, in a transaction of its own."""
    with _connected(settings, service) as conn:
        store, texts = kind(conn), cycle([document.decode() for document in documents])

        def append() -> int:
            store.append(str(uuid4()), 0, type_, next(texts))
            conn.commit()
            return 1

        yield append


FIND = "SELECT body FROM answered WHERE actor = %s AND command = %s"
SEE = "INSERT INTO seen (work, marks) VALUES (%s, %s)"
KEEP = "INSERT INTO answered (actor, command, body) VALUES (%s, %s, %s)"


@contextmanager
def deciding(
    kind: type[Store], settings: Settings, service: str, documents: Sequence[bytes], type_: str
) -> Iterator[Append]:
    """Look the command up, load, decide, append, write the view's row and the answer: one transaction."""
    with _connected(settings, service) as conn:
        store, actor = kind(conn), uuid4()
        made = cycle([json.loads(document) for document in documents])

        def append() -> int:
            stream, command = uuid4(), uuid4()
            conn.execute(FIND, [actor, command]).fetchone()
            past = store.load(str(stream))
            decided = {**next(made), "subject": str(stream), "commandid": str(command)}
            store.append(str(stream), len(past), type_, json.dumps(decided, ensure_ascii=False))
            conn.execute(SEE, [stream, 27])
            conn.execute(KEEP, [actor, command, str(stream).encode()])
            conn.commit()
            return 1

        yield append


@contextmanager
def _connected(settings: Settings, service: str) -> Iterator[Conn]:
    with psycopg.connect(postgres.conninfo(settings, service, "migrate")) as conn:
        conn.execute("SET search_path = public, message_store")
        conn.commit()
        yield conn
