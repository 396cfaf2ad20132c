"""What the reporting service is made of."""

from pathlib import Path

from services.reporting import (
    ahead_api,
    api,
    audit_api,
    diary,
    discipline,
    files_api,
    history,
    homework_api,
    readings,
    report_api,
    staff_api,
)
from shared import access, erasure, timetable
from shared.process import Service, hourly

SERVICE = Service(
    name="reporting",
    routers=(
        api.router,
        ahead_api.router,
        homework_api.router,
        staff_api.router,
        report_api.router,
        audit_api.router,
        files_api.router,
    ),
    migrations=(Path(__file__).parent / "migrations", timetable.MIGRATIONS),
    projections=(
        access.projection("reporting"),
        timetable.projection("reporting"),
        diary.PROJECTION,
        history.PROJECTION,
        discipline.PROJECTION,
        erasure.projection("reporting", diary.ERASED),
    ),
    beside=(hourly(readings.forget), erasure.Sweep(diary.ERASED)),
)
