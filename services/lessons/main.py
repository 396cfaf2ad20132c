"""What the lessons service is made of."""

from pathlib import Path

from services.lessons import api, homework_api, topics_api, views
from shared import access, timetable
from shared.process import Service

SERVICE = Service(
    name="lessons",
    routers=(api.router, homework_api.router, topics_api.router),
    migrations=(timetable.MIGRATIONS, Path(__file__).parent / "migrations"),
    projections=(access.projection("lessons"),),
    topics=("diary.lessons",),
    view=views.apply,
    tables=views.TABLES,
)
