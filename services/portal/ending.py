"""Streams that a service sends through the portal end with the browser's session."""

import asyncio
from collections.abc import Awaitable, Callable

from fastapi.responses import Response
from starlette.types import Receive, Scope, Send

from shared.web.rounds import Rounds


class WhileSignedIn(Response):
    """The inner answer, until `still` says no: it is asked when the rounds doubt the session of this `secret`."""

    def __init__(
        self, inner: Response, still: Callable[[], Awaitable[bool]], rounds: Rounds, secret: bytes | None
    ) -> None:
        super().__init__(status_code=inner.status_code)
        self._inner, self._still, self._rounds, self._secret = inner, still, rounds, secret

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answering = asyncio.ensure_future(self._inner(scope, receive, send))
        try:
            with self._rounds.looking_after(self._secret) as mine:
                while not answering.done():
                    await asyncio.wait({answering, mine.bell}, return_when=asyncio.FIRST_COMPLETED)
                    if not answering.done() and mine.bell.done() and not await mine.stands(self._still):
                        answering.cancel()
                        await asyncio.wait({answering})
                        return await send({"type": "http.response.body", "body": b"", "more_body": False})
            answering.result()
        finally:
            answering.cancel()
