"""What the messaging service is made of."""

from pathlib import Path

from services.messaging import api, comments_api, reactions, remarks_api, views, weeks_api
from shared import access, erasure
from shared.process import Service

SERVICE = Service(
    name="messaging",
    routers=(api.router, comments_api.router, remarks_api.router, weeks_api.router),
    migrations=(Path(__file__).parent / "migrations",),
    projections=(
        access.projection("messaging"),
        reactions.PROJECTION,
        reactions.LIVE,
        erasure.projection("messaging", reactions.ERASED),
    ),
    beside=(erasure.Sweep(reactions.ERASED),),
    topics=("diary.messaging",),
    view=views.apply,
    tables=views.TABLES,
)
