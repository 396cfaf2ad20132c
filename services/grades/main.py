"""What the grades service is made of."""

from pathlib import Path

from services.grades import api, phrases_api, publications, reactions, targets_api, terms_api, terms_views, views
from shared import readings, timetable
from shared.contracts.grades import MarksDrafted
from shared.process import Service, hourly
from shared.web import proofs

SERVICE = Service(
    name="grades",
    routers=(
        api.router,
        terms_api.router,
        phrases_api.router,
        targets_api.router,
        proofs.router_of(terms_views.hidden, {MarksDrafted.TYPE}),
        readings.router,
    ),
    migrations=(timetable.MIGRATIONS, readings.MIGRATIONS, Path(__file__).parent / "migrations"),
    projections=reactions.PROJECTIONS,
    topics=("diary.grades",),
    view=views.apply,
    tables=views.TABLES,
    around=publications.in_time,
    beside=(hourly(readings.forget),),
)
