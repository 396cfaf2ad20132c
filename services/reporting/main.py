"""What the reporting service is made of."""

from pathlib import Path

from services.reporting import api, diary, history, staff_api
from shared import access, timetable
from shared.process import Service

SERVICE = Service(
    name="reporting",
    routers=(api.router, staff_api.router),
    migrations=(Path(__file__).parent / "migrations", timetable.MIGRATIONS),
    projections=(
        access.projection("reporting"),
        timetable.projection("reporting"),
        diary.PROJECTION,
        history.PROJECTION,
    ),
)
