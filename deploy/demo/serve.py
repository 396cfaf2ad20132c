"""All services of a demo: `python -m deploy.demo.serve [--apart] NAME=PORT …`, settings by environment as everywhere.

Loads the code once, brings every database up to date, then forks one process for each service: nine times the same
two seconds of imports would otherwise be most of the start. With `--apart` each role is a process of its own command
that shares nothing, as on Kubernetes: measurements tell the roles apart by it.
"""

import gc
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import FrameType

from shared import process, stream
from shared.settings import Settings


def main(arguments: list[str]) -> int:
    """Exit status 0 after SIGTERM or SIGINT; 1 as soon as a service ends by itself: then all are stopped."""
    apart = "--apart" in arguments
    ports = {name: port for name, _, port in (each.partition("=") for each in arguments if each != "--apart")}
    services = {name: import_module(f"services.{name}.main").SERVICE for name in ports}
    settings = Settings()
    for service in services.values():
        process.migrate(service, settings, create=True)
    stream.topics.ensure(settings)
    if apart:
        return _watch({_spawn(name, role, ports[name]): f"{name} {role}" for name, role in _roles(services)})
    gc.collect()
    gc.freeze()  # what was loaded stays shared between the processes
    return _watch({_fork(services[name], port): name for name, port in ports.items()})


def _roles(services: Mapping[str, process.Service]) -> Iterator[tuple[str, str]]:
    return ((name, role) for name, service in services.items() for role in process.roles_of(service))


def _spawn(name: str, role: str, port: str) -> int:
    """The API listens on the port; the others answer for their health on any."""
    environment = {**os.environ, "DIARY_PORT": port if role == "api" else "0"}
    return os.spawnve(os.P_NOWAIT, sys.executable, [sys.executable, "-m", "services", name, role], environment)


def _fork(service: process.Service, port: str) -> int:
    if pid := os.fork():
        return pid
    os.environ["DIARY_PORT"] = port
    with suppress(OSError):  # Linux alone has it
        Path("/proc/self/comm").write_text(service.name)  # so that ps and top tell them apart
    try:
        status = process.main(service, [])
    except BaseException as error:
        print(f"{service.name}: {error!r}", file=sys.stderr, flush=True)
        status = 1
    sys.stdout.flush()
    os._exit(status)


def _watch(children: dict[int, str]) -> int:
    """Wait until told to stop or until a child ends; stop all, wait for all."""
    stopping = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True
        for pid in children:
            os.kill(pid, signal.SIGTERM)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    failed = False
    while children:
        pid, status = os.wait()
        name = children.pop(pid, "?")
        if not stopping:
            failed = True
            print(f"{name} ended by itself with status {status}; stopping all", file=sys.stderr, flush=True)
            stop(signal.SIGTERM, None)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
