"""The route by which a family gets the proof of its child's history, in each service that writes about pupils."""

from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from shared import access
from shared.audit.proof import NotSignedYet, prove
from shared.errors import NotFound
from shared.postgres import Conn, scoped
from shared.web.auth import SignedIn
from shared.web.problems import problems
from shared.web.routes import of
from shared.web.state import TheCalendar, ThePool

Hidden = Callable[[Conn, UUID], bool]


class Proof(BaseModel):
    """What docs/how-to/check_proof.py reads."""

    checkpoint: str = Field(description="a tlog-checkpoint in a signed note")
    events: list[dict[str, Any]] = Field(description="each with the way from it to the checkpoint")


def router_of(hidden: Hidden = lambda conn, object_id: False, private: Collection[str] = ()) -> APIRouter:
    """`hidden`: whether families do not see the object yet, and therefore get no proof of it.

    `private`: types of events that are in no proof.
    """
    router = APIRouter()

    @router.get("/proofs/{object_id}", openapi_extra=of("pupil"), responses=problems(NotFound, NotSignedYet))
    def proof(object_id: UUID, pupil_id: UUID, by: SignedIn, pool: ThePool, calendar: TheCalendar) -> Proof:
        """What the log says of a pupil in one work or roll, and that it stands in the log that was signed.

        Of others in the same work there are hashes only. A thing that nothing was decided about has no events.
        """
        with pool.connection() as conn, scoped(conn, by.scope):
            if not access.may_see_pupil(conn, by.person_id, pupil_id, calendar.today("UTC")):
                raise NotFound()
            if hidden(conn, object_id):
                raise NotFound()
            return Proof.model_validate(prove(conn, object_id, pupil_id, private))

    return router
