"""Whether what was restored could go on: each store beside its topics."""

from importlib import import_module
from pathlib import Path

import psycopg

from deploy.embedded.postgres import Postgres
from shared.settings import Settings
from shared.stream import recover

SERVICES = Path(__file__).parents[2] / "services"


def compared(server: Postgres, settings: Settings) -> bool:
    """Say of each service with a store how it stands; False if one could not be healed from its topics."""
    good = True
    with psycopg.connect(server.admin_conninfo) as conn:
        here = {row[0] for row in conn.execute("SELECT datname FROM pg_database")}
    for service in sorted(one.parent.name for one in SERVICES.glob("*/main.py")):
        topics = import_module(f"services.{service}.main").SERVICE.topics
        if topics and f"diary_{service}" not in here:
            print(f"{service}: has no database on this server")
        elif topics:
            good &= _one(server, settings, service, topics)
    return good


def _one(server: Postgres, settings: Settings, service: str, topics: tuple[str, ...]) -> bool:
    with psycopg.connect(server.conninfo(f"diary_{service}"), autocommit=True) as conn:
        events = (conn.execute("SELECT count(*) FROM events").fetchone() or (0,))[0]
        try:
            found = recover.compare(conn, settings, topics)
        except recover.Unknown as why:
            print(f"{service}: {events} events; nobody can say how they stand beside the topics: {why}")
            return False
    lacks = sum(each.lacks for each in found)
    odd = [f"{each.topic}/{each.partition} {each.log or 'other bytes'}" for each in found if each.log or each.differs]
    newer = f"{lacks} newer ones in the topic would be put back"
    print("; ".join([f"{service}: {events} events, {newer}", *odd]))
    return not odd
