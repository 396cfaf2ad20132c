"""What the attendance service is made of."""

from pathlib import Path

from services.attendance import api, reactions, views
from shared import readings, timetable
from shared.process import Service, hourly
from shared.web import proofs

SERVICE = Service(
    name="attendance",
    routers=(api.router, proofs.router_of(), readings.router),
    migrations=(timetable.MIGRATIONS, readings.MIGRATIONS, Path(__file__).parent / "migrations"),
    projections=reactions.PROJECTIONS,
    topics=("diary.attendance",),
    view=views.apply,
    tables=views.TABLES,
    beside=(hourly(readings.forget),),
)
