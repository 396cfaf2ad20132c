"""A worker: the loops of a service's projections inside a FastStream application."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from faststream import FastStream
from faststream.kafka import KafkaBroker
from faststream.security import BaseSecurity

from shared.settings import Settings
from shared.stream.brokers import context
from shared.stream.consume import Consumption
from shared.stream.projection import Projection, opened


class Worker:
    """Keeps the projections of a service up to date.

    `app` runs it as a process of its own; `run` inside another one.
    """

    def __init__(self, settings: Settings, service: str, projections: Sequence[Projection]) -> None:
        self.service = service
        self._settings, self._projections = settings, projections
        self._consumptions: list[Consumption] = []

    @property
    def app(self) -> FastStream:
        """The application; handlers that keep no position can be added to its broker."""
        return FastStream(KafkaBroker(self._settings.kafka, security=self._security()), lifespan=self._lifespan)

    def _security(self) -> BaseSecurity | None:
        return BaseSecurity(ssl_context=context(self._settings)) if self._settings.kafka_ca else None

    @asynccontextmanager
    async def _lifespan(self) -> AsyncIterator[None]:
        running = asyncio.create_task(self.run())
        try:
            yield
        finally:
            running.cancel()
            await asyncio.wait([running])

    async def run(self) -> None:
        """Consume until cancelled."""
        self._consumptions = [
            Consumption(self._settings, self.service, opened(each, self._settings)) for each in self._projections
        ]
        async with asyncio.TaskGroup() as group:
            for consumption in self._consumptions:
                group.create_task(consumption.run(), name=consumption.projection.name)

    def health(self) -> dict[str, bool]:
        """Of each projection, whether its last batch went well; for readiness."""
        return {consumption.projection.name: consumption.well for consumption in self._consumptions}
