"""A TCP proxy that reads just enough of PostgreSQL's and Kafka's protocols to name an instant, and acts in it.

The product has no hooks for faults: «after COMMIT, before its answer» is a message on a wire, and this stands in the
wire. A `Trap` waits for a message, calls a function (which may kill a process), and lets the message pass, drops it,
or cuts the connection, at once or when the drill releases it.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from types import TracebackType
from typing import Any, Literal, Protocol, Self

GONE = (OSError, asyncio.IncompleteReadError)


class Verdict(Enum):
    """What becomes of a trapped message."""

    PASS = "passed"
    DROP = "dropped"
    CUT = "cut, with its connection"


class Wire(Protocol):
    """One connection, its messages and their names; the empty name for those that do not matter."""

    who: str

    async def request(self, reader: asyncio.StreamReader) -> tuple[bytes, str]: ...
    async def answer(self, reader: asyncio.StreamReader) -> tuple[bytes, str]: ...


@dataclass(frozen=True)
class Message:
    """`name`: of PostgreSQL the statement asked for, or the tag of its completion; of Kafka the api."""

    wire: Any
    kind: Literal["asks", "answers"]
    name: str


@dataclass(eq=False)
class Trap:
    """Springs once. `sprung` is set after `then` was called; a holding one keeps the message until `release`."""

    when: Callable[[Message], bool]
    then: Callable[[Message], Verdict | None]
    hold: bool
    loop: asyncio.AbstractEventLoop
    sprung: threading.Event = field(default_factory=threading.Event)
    _go: asyncio.Event = field(default_factory=asyncio.Event)

    async def spring(self, message: Message) -> Verdict:
        verdict = self.then(message) or Verdict.PASS
        self.sprung.set()
        if self.hold:
            await self._go.wait()
        return verdict

    def release(self) -> None:
        self.loop.call_soon_threadsafe(self._go.set)


class PostgresWire:
    """`who` is the session's role. `said` are its statements since the last BEGIN, by text also when prepared."""

    def __init__(self) -> None:
        self.who, self.said = "", list[str]()
        self._begun = False
        self._prepared: dict[bytes, str] = {}

    async def request(self, reader: asyncio.StreamReader) -> tuple[bytes, str]:
        if not self._begun:
            size = await reader.readexactly(4)
            body = await reader.readexactly(int.from_bytes(size, "big") - 4)
            self._begun = True
            words = body[4:].split(b"\0")  # ask libpq for no TLS and no GSS: then this is the start-up message
            self.who = dict(zip(words[::2], words[1::2], strict=False)).get(b"user", b"").decode()
            return size + body, ""
        kind, frame, body = await _postgres_frame(reader)
        statement = self._statement(kind, body)
        if statement:
            self.said = [] if statement.startswith("BEGIN") else [*self.said, statement]
        return frame, statement

    def _statement(self, kind: bytes, body: bytes) -> str:
        if kind == b"Q":
            return body[:-1].decode(errors="replace")
        if kind == b"P":
            name, text, *_ = body.split(b"\0")
            self._prepared[name] = text.decode(errors="replace")
        if kind == b"B":
            return self._prepared.get(body.split(b"\0")[1], "")
        return ""

    async def answer(self, reader: asyncio.StreamReader) -> tuple[bytes, str]:
        kind, frame, body = await _postgres_frame(reader)
        return frame, body[:-1].decode() if kind == b"C" else ""


async def _postgres_frame(reader: asyncio.StreamReader) -> tuple[bytes, bytes, bytes]:
    head = await reader.readexactly(5)
    body = await reader.readexactly(int.from_bytes(head[1:], "big") - 4)
    return head[:1], head + body, body


class KafkaWire:
    """`who` is the client's id. An answer is named by the request of its correlation id."""

    APIS: dict[int, str] = {0: "Produce", 1: "Fetch"}  # noqa: RUF012

    def __init__(self) -> None:
        self.who = ""
        self._asked: dict[bytes, str] = {}

    async def request(self, reader: asyncio.StreamReader) -> tuple[bytes, str]:
        frame = await _kafka_frame(reader)
        api, correlation = int.from_bytes(frame[4:6], "big"), frame[8:12]
        self.who = frame[14 : 14 + max(0, int.from_bytes(frame[12:14], "big", signed=True))].decode(errors="replace")
        name = self._asked[correlation] = self.APIS.get(api, str(api))
        return frame, name

    async def answer(self, reader: asyncio.StreamReader) -> tuple[bytes, str]:
        frame = await _kafka_frame(reader)
        return frame, self._asked.pop(frame[4:8], "")


async def _kafka_frame(reader: asyncio.StreamReader) -> bytes:
    size = await reader.readexactly(4)
    return size + await reader.readexactly(int.from_bytes(size, "big"))


class Proxy:
    """Listens on a free port of 127.0.0.1 in a thread of its own; `upstream` is asked anew for each connection."""

    def __init__(self, upstream: Callable[[], int], wire: Callable[[], Wire]) -> None:
        self.port = 0
        self.counts: dict[tuple[str, str], int] = {}
        """Named messages seen, by kind and name."""
        self._upstream, self._wire = upstream, wire
        self._traps: list[Trap] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = self._in_loop(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._in_loop(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def trap(
        self,
        when: Callable[[Message], bool],
        then: Callable[[Message], Verdict | None] = lambda _: None,
        hold: bool = False,
    ) -> Trap:
        """Set a trap for the next message that fits. `then` runs in the proxy's thread before anything else."""
        trap = Trap(when, then, hold, self._loop)
        self._traps.append(trap)
        return trap

    def _in_loop(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _stop(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            from_server, to_server = await asyncio.open_connection("127.0.0.1", self._upstream())
        except OSError:
            writer.close()
            return
        wire = self._wire()
        ways = [
            asyncio.create_task(self._pump("asks", wire, lambda: wire.request(reader), to_server)),
            asyncio.create_task(self._pump("answers", wire, lambda: wire.answer(from_server), writer)),
        ]
        try:  # one side gone: so is the connection, even if the other way holds a message
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            for end in (writer, to_server):
                end.close()

    async def _pump(
        self,
        kind: Literal["asks", "answers"],
        wire: Wire,
        read: Callable[[], Coroutine[Any, Any, tuple[bytes, str]]],
        to: asyncio.StreamWriter,
    ) -> None:
        with suppress(*GONE):
            while True:
                frame, name = await read()
                verdict = await self._judge(Message(wire, kind, name)) if name else Verdict.PASS
                if verdict is Verdict.CUT:
                    return
                if verdict is Verdict.PASS:
                    to.write(frame)
                    await to.drain()

    async def _judge(self, message: Message) -> Verdict:
        seen = (message.kind, message.name.split(" ")[0])
        self.counts[seen] = self.counts.get(seen, 0) + 1
        for trap in self._traps:
            if trap.when(message):
                self._traps.remove(trap)
                return await trap.spring(message)
        return Verdict.PASS
