"""What the identity service is made of."""

from pathlib import Path

from services.identity import api, keys, sessions
from shared import access
from shared.process import Service, hourly
from shared.settings import Settings


def can_sign(settings: Settings) -> None:
    """Not ready without a signing key."""
    keys.signing(settings)


SERVICE = Service(
    name="identity",
    routers=(api.router,),
    migrations=(Path(__file__).parent / "migrations",),
    projections=(access.projection("identity"),),
    topics=("diary.identity",),
    erases=True,
    beside=(hourly(sessions.sweep),),
    checks={"signing key": can_sign},
)
