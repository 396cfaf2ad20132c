"""«Избранное»: addresses of the application that a person keeps at hand; their names are the page's to say."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from services.portal.sessions import Pool
from services.portal.state import ForeignRequest, ThePortal, TheSession
from shared.errors import Refused
from shared.web.problems import problems
from shared.web.tokens import NotSignedIn

router = APIRouter()

MOST = 20
LONGEST = 300
"""Characters of an address."""


class NotAnAddress(Refused):
    """This is no address of the diary."""

    code = "portal.not-an-address"
    ru = "Это не адрес дневника."


class TooManyFavourites(Refused):
    """At most {most} favourites."""

    code = "portal.too-many-favourites"
    ru = "В избранном не больше {most} страниц."


class Favourites(BaseModel):
    model_config = ConfigDict(extra="forbid")

    favourites: list[Annotated[str, Field(max_length=2000)]] = Field(
        max_length=1000, description="addresses inside the application, in the order in which they are shown"
    )


FIND = "SELECT addresses FROM favourites WHERE person_id = %s"
KEEP = """
INSERT INTO favourites (person_id, addresses) VALUES (%s, %s)
ON CONFLICT (person_id) DO UPDATE SET addresses = excluded.addresses
"""


@router.get("/favourites", responses=problems(NotSignedIn))
async def read(by: TheSession, portal: ThePortal) -> Favourites:
    """What the person keeps at hand."""
    return Favourites(favourites=await _find(portal.pool, by.person_id))


@router.put(
    "/favourites", status_code=204, responses=problems(NotSignedIn, ForeignRequest, NotAnAddress, TooManyFavourites)
)
async def keep(kept: Favourites, by: TheSession, portal: ThePortal) -> None:
    """Keep these at hand, and no others."""
    addresses = checked(kept.favourites)
    async with portal.pool.connection() as conn:
        await conn.execute(KEEP, [by.person_id, addresses])


def checked(addresses: list[str]) -> list[str]:
    """Each once. Raises NotAnAddress, TooManyFavourites."""
    for i, address in enumerate(addresses):
        inside = address.startswith("/") and not address.startswith("//") and "\\" not in address
        if not inside or not address.isprintable() or len(address) > LONGEST:
            raise NotAnAddress(f"/favourites/{i}")
    found = list(dict.fromkeys(addresses))
    if len(found) > MOST:
        raise TooManyFavourites("/favourites", most=MOST)
    return found


async def _find(pool: Pool, person: UUID) -> list[str]:
    async with pool.connection() as conn:
        row = await (await conn.execute(FIND, [person])).fetchone()
    return list(row[0]) if row else []
