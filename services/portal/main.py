"""What the portal is made of."""

from pathlib import Path

from services.portal import accounts, api, favourites, feeds, sessions, state, tokens
from services.portal.admission import Gate
from shared.process import Service, hourly
from shared.settings import Settings


def can_sign(settings: Settings) -> None:
    """Not ready without a signing key."""
    tokens.published(settings)


SERVICE = Service(
    name="portal",
    routers=(api.router, favourites.router, feeds.router, api.last),
    migrations=(Path(__file__).parent / "migrations",),
    projections=(accounts.PROJECTION,),
    ring=False,
    around=state.running,
    outermost=(Gate,),
    beside=(hourly(sessions.sweep),),
    checks={"signing key": can_sign},
)
