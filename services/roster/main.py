"""What the roster service is made of."""

from contextlib import asynccontextmanager
from pathlib import Path
from collections.abc import AsyncIterator

from fastapi import FastAPI

from services.roster import api, imports, views
from shared import access
from shared.process import Service
from shared.web.state import State

SERVICE = Service(
    name="roster",
    routers=(api.router,),
    migrations=(Path(__file__).parent / "migrations",),
    projections=(access.projection("roster"),),
    topics=("diary.roster",),
    view=views.apply,
)
