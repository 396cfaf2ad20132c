"""Streams that a service sends through the portal end with the browser's session."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import psycopg
from fastapi.responses import Response
from psycopg_pool import PoolTimeout
from starlette.types import Receive, Scope, Send

from shared.web.live import RECHECK

log = logging.getLogger("diary.access")


class WhileSignedIn(Response):
    """The inner answer, until `still` says no: it is asked every 2 s. A failure to ask leaves it open."""

    def __init__(self, inner: Response, still: Callable[[], Awaitable[bool]]) -> None:
        super().__init__(status_code=inner.status_code)
        self._inner, self._still = inner, still

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answering = asyncio.ensure_future(self._inner(scope, receive, send))
        try:
            while not answering.done():
                await asyncio.wait({answering}, timeout=RECHECK)
                if not answering.done() and not await self._signed_in():
                    answering.cancel()
                    await asyncio.wait({answering})
                    log.info("stream ended", extra={"code": "not-signed-in"})
                    return await send({"type": "http.response.body", "body": b"", "more_body": False})
            answering.result()
        finally:
            answering.cancel()

    async def _signed_in(self) -> bool:
        try:
            return await self._still()
        except (psycopg.Error, PoolTimeout) as error:
            log.warning("right not checked", extra={"cause": type(error).__name__})
            return True
