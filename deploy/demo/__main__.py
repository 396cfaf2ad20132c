"""`make demo`: the whole product with a published district, until Ctrl-C."""

import os
import signal
import sys
import threading
from datetime import date
from pathlib import Path

from deploy.demo.client import Client
from deploy.demo.grandbend import load
from deploy.demo.letters import letter_box
from deploy.demo.people import PASSWORD, VISITORS
from deploy.demo.stack import ROOT, Stack
from deploy.embedded.progress import say
from deploy.embedded.supervisor import free_port

TODAY = date(2022, 5, 25)
"""Where the demo's school calendar stands: the published year is 2021–2022."""


def main() -> int:
    """Start, bring the district in at the first start, say who may sign in, wait for Ctrl-C, stop all."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)  # also where the shell had them ignored
    folder = Path(os.environ.get("DIARY_DEMO_FOLDER", ROOT / "build" / "demo"))
    folder.mkdir(parents=True, exist_ok=True)
    smtp = free_port()
    box = letter_box(folder / "letters", smtp)
    box.start()
    settings = {
        "DIARY_SCHOOL_TODAY": TODAY.isoformat(),
        "DIARY_SMTP": f"127.0.0.1:{smtp}",
        "DIARY_SMTP_SENDER": "diary@grandbend.example",
    }
    port = os.environ.get("PORT")
    try:
        with Stack(folder, settings, port=int(port) if port else None) as stack:
            _fill(stack, folder)
            _welcome(stack, folder)
            threading.Event().wait()
    except KeyboardInterrupt:
        say("stopped")
    finally:
        box.stop()
    return 0


def _fill(stack: Stack, folder: Path) -> None:
    """The first time only: a mark in the folder says that the district is in."""
    done = folder / "district-loaded"
    if not done.exists():
        load(Client(stack.ports, stack.environment["DIARY_OPERATOR_CLIENT_SECRET"]), TODAY)
        done.touch()


def _welcome(stack: Stack, folder: Path) -> None:
    say("")
    say(f"The diary is at  {stack.url}")
    say(f"The school's day is {TODAY.isoformat()}. Sign in as one of these, password «{PASSWORD}»:")
    for visitor in VISITORS:
        say(f"  {visitor.login:<10} {visitor.role}")
    say(f"Letters arrive in {folder / 'letters'}. Ctrl-C stops everything.")


if __name__ == "__main__":
    sys.exit(main())
