"""A worker of a later version, which knows one more type of event: `python -m tests.drills.newer <service> …`."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from uuid import UUID

from services.reporting import diary, history
from shared.contracts import Event, contract
from shared.contracts.envelope import Received
from shared.contracts.grades import WorkRemoved
from shared.postgres import Conn
from shared.process import Service, main
from shared.stream import Projection
from shared.stream.projection import Apply

TYPE = "diary.grades.work-withdrawn.v1"
TAKES_IN = (diary.PROJECTION.name, history.PROJECTION.name)


@contract(TYPE)
class WorkWithdrawn(Event):
    """What a later version says where this one removes a column."""

    work_id: UUID
    school_id: UUID


def later(service: Service) -> Service:
    """The service as that version has it."""
    return replace(service, projections=tuple(map(_later, service.projections)))


def _later(projection: Projection) -> Projection:
    if projection.name in TAKES_IN:
        apply = _as_a_removal(projection.apply)
        return replace(projection, apply=apply, handles=projection.handles | {WorkWithdrawn})
    if "diary.grades" in projection.topics:
        return replace(projection, leaves=projection.leaves | {WorkWithdrawn})
    return projection


def _as_a_removal(apply: Apply) -> Apply:
    def taken_in(conn: Conn, received: Sequence[Received]) -> None:
        apply(conn, [replace(one, event=_removal(one.event)) for one in received])

    return taken_in


def _removal(event: Event) -> Event:
    if isinstance(event, WorkWithdrawn):
        return WorkRemoved(work_id=event.work_id, school_id=event.school_id)
    return event


if __name__ == "__main__":
    name, *arguments = sys.argv[1:]
    sys.exit(main(later(import_module(f"services.{name}.main").SERVICE), arguments))
