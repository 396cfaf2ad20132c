"""Brings a district's files in through the public API: roster, timetable, the visitors' accounts.

May be run again after an interruption: every command has a key that follows from what it says.
"""

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from deploy.demo.client import Client, NotAccepted
from deploy.demo.people import PASSWORD, Visitor
from deploy.embedded.progress import say


def roster(client: Client, files: Path, zone: str) -> None:
    """Import the bundle. Raises RuntimeError if something is wrong with it."""
    bundle = ("oneroster.zip", (files / "oneroster.zip").read_bytes(), "application/zip")
    report = client.upload("roster", "/imports", {"file": bundle}, "roster", time_zone=zone, dry_run="false")
    if report["errors"]:
        raise RuntimeError(f"the bundle was refused: {report['errors'][:3]}")
    say(f"  {report['counts']}")


def timetable(client: Client, files: Path, district: str) -> None:
    """Import timetable, bells and holidays when lessons knows the roster; double bookings are named, not refused."""
    parts = {
        name: (f"{name}.csv", (files / f"{name}.csv").read_bytes(), "text/csv")
        for name in ("timetable", "bells", "holidays")
        if (files / f"{name}.csv").exists()
    }

    def imported(names: Sequence[str], dry: bool) -> Any:
        sent = {name: parts[name] for name in names}
        query = {"district": district, "dry_run": str(dry).lower()}
        report = client.upload("lessons", "/imports", sent, f"timetable/{dry}", **query)
        if report["errors"]:
            raise NotAccepted(report["errors"][0]["code"], report["errors"][:3])
        return report

    # a busy machine takes a while to learn a whole district; the bells alone are cheap to ask with
    when_known(partial(imported, ["bells"], True), seconds=900)
    report = when_known(partial(imported, list(parts), False), seconds=300)
    findings = report["findings"]
    example = f", such as: {findings[0]['text']}" if findings else ""
    say(f"  {report['counts']}, {len(findings)} findings{example}")


def accounts(client: Client, visitors: Sequence[Visitor]) -> None:
    """One account for each visitor, with a button on the sign-in page; the password is the same."""
    for visitor in visitors:
        body = {"person_id": str(visitor.person_id), "login": visitor.login, "password": PASSWORD, "demo": True,
                "button": {"role": visitor.role, "name": visitor.name}}  # fmt: skip
        when_known(partial(client.command, "POST", "identity", "/accounts", body, f"account/{visitor.login}"))


def when_known(send: Callable[[], Any], seconds: float = 60) -> Any:
    """Send until the service has learnt from the roster what the command needs. Raises its last refusal."""
    deadline, wait = time.monotonic() + seconds, 0.3
    while True:
        try:
            return send()
        except NotAccepted:
            if time.monotonic() > deadline:
                raise
            time.sleep(wait)
            wait = min(1.5 * wait, 2.0)
