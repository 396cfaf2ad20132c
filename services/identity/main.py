"""What the identity service is made of."""

from pathlib import Path

from services.identity import api, keys, sessions
from shared import access, erasure
from shared.process import Service, hourly
from shared.settings import Settings


def can_sign(settings: Settings) -> None:
    """Not ready without a signing key."""
    keys.signing(settings)


SERVICE = Service(
    name="identity",
    routers=(api.router,),
    migrations=(Path(__file__).parent / "migrations",),
    projections=(access.projection("identity"), erasure.projection("identity", sessions.ERASED)),
    topics=("diary.identity",),
    erases=True,
    beside=(hourly(sessions.sweep), erasure.Sweep(sessions.ERASED)),
    checks={"signing key": can_sign},
)
