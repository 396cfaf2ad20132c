"""What the notify service is made of."""

from pathlib import Path

from services.notify import (
    api,
    changes,
    claims,
    deliveries,
    facts,
    replans,
    rss_api,
    sender,
    standing,
    thresholds_api,
    wishes,
)
from shared import access, erasure
from shared.process import Service

SERVICE = Service(
    name="notify",
    routers=(api.router, thresholds_api.router, rss_api.router),
    migrations=(Path(__file__).parent / "migrations",),
    projections=(
        access.projection("notify"),
        facts.PROJECTION,
        deliveries.PROJECTION,
        changes.PROJECTION,
        standing.PROJECTION,
        replans.PROJECTION,
        claims.PROJECTION,
        erasure.projection("notify", facts.ERASED),
    ),
    topics=("diary.notify",),
    view=wishes.apply,
    tables=wishes.TABLES,
    beside=(sender.run, erasure.Sweep(facts.ERASED)),
)
