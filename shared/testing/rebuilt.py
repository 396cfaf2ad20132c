"""What a service's own view holds, before it was damaged and after the service's own command made it anew."""

from typing import Any

import psycopg
from psycopg import sql

from shared import process
from shared.process import OWN_VIEW, Service
from shared.settings import Settings

Rows = dict[str, list[tuple[Any, ...]]]


def rows(settings: Settings, service: Service) -> Rows:
    """Every row of the tables, past row-level security."""
    every = sql.SQL("SELECT * FROM {0} t ORDER BY t::text")
    with psycopg.connect(settings.postgres_admin.get_secret_value(), dbname=f"diary_{service.name}") as conn:
        return {table: conn.execute(every.format(sql.Identifier(table))).fetchall() for table in service.tables}


def empty(settings: Settings, service: Service) -> None:
    """Lose the view, as a slip of an operator would."""
    with psycopg.connect(settings.postgres_admin.get_secret_value(), dbname=f"diary_{service.name}") as conn:
        for table in service.tables:
            conn.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))


def before_and_after(settings: Settings, service: Service) -> tuple[Rows, Rows]:
    """The same rows twice, if the view is made of the events alone."""
    before = rows(settings, service)
    empty(settings, service)
    process.rebuild(service, settings, [OWN_VIEW])
    return before, rows(settings, service)
