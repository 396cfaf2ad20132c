"""Telling the relay after a commit that there is something to publish."""

import logging
import threading

import psycopg

from shared.postgres import Conn, conninfo
from shared.settings import Settings

CHANNEL = "diary_decided"
log = logging.getLogger(__name__)


class Nudge:
    """Call it after each commit, from any thread: it returns at once, many calls make one NOTIFY.

    It has a connection of its own, because NOTIFY inside the writers' transactions makes their commits queue
    (measured: half as many). A nudge that is lost costs the relay's poll, at most 1 s.
    """

    def __init__(self, settings: Settings, service: str, role: str = "api") -> None:
        self._conninfo = conninfo(settings, service, role)
        self._wanted = threading.Event()
        self._closed = False
        self._conn: Conn | None = None
        self._thread = threading.Thread(target=self._run, name=f"{service} nudge", daemon=True)
        self._thread.start()

    def __call__(self) -> None:
        self._wanted.set()

    def close(self) -> None:
        """End its thread and connection."""
        self._closed = True
        self._wanted.set()
        self._thread.join(5)

    def _run(self) -> None:
        while True:
            self._wanted.wait()
            if self._closed:
                break
            self._wanted.clear()
            try:
                self._notify()
            except psycopg.Error as error:
                log.warning("the relay was not nudged: %s", error)
        if self._conn:
            self._conn.close()

    def _notify(self) -> None:
        if self._conn is None or self._conn.closed:
            self._conn = psycopg.connect(self._conninfo, autocommit=True, connect_timeout=5)
        self._conn.execute(f"NOTIFY {CHANNEL}")
