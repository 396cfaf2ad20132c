"""`make demo`: the whole product with a district in it, until Ctrl-C.

DISTRICT=grandbend takes the published one; LIVE=1 plays today's lessons (SPEED=60: minutes of school a minute);
PORT and DIARY_DEMO_FOLDER as in README.md.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.demo import grandbend, live, zarechye
from deploy.demo.client import Client
from deploy.demo.day.bundle import read
from deploy.demo.day.lesson import Life
from deploy.demo.letters import letter_box
from deploy.demo.people import PASSWORD, VISITORS, Visitor, named
from deploy.demo.stack import ROOT, Stack
from deploy.embedded.progress import say
from deploy.embedded.supervisor import free_port


@dataclass(frozen=True)
class Choice:
    """A district to start with; the functions take the demo's folder."""

    clock: live.Clock
    files: Callable[[Path], Path]
    visitors: Callable[[Path], Sequence[Visitor]]
    load: Callable[[Stack, Path], object]
    rest: Callable[[Stack, Path], object] = lambda stack, folder: None
    """What may come in while visitors look."""


CHOICES = {
    "zarechye": Choice(
        live.Clock(zarechye.TODAY, zarechye.NOW), zarechye.files, zarechye.visitors, zarechye.load,
        zarechye.load_rest,
    ),
    "grandbend": Choice(
        live.Clock(grandbend.TODAY, 24 * 60),
        lambda folder: grandbend.HERE,
        lambda folder: named(VISITORS, grandbend.HERE),
        grandbend.load_once,
    ),
}  # fmt: skip


def main() -> int:
    """Start, bring the district in at the first start, say who may sign in, wait for Ctrl-C, stop all."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)  # also where the shell had them ignored
    name = os.environ.get("DISTRICT") or "zarechye"
    choice = CHOICES.get(name)
    if choice is None:
        say(f"DISTRICT={name}: there is no such district. Choose one of: {', '.join(CHOICES)}")
        return 2
    try:
        speed = float(os.environ.get("SPEED") or live.SPEED)
    except ValueError:
        speed = 0
    if speed <= 0:
        say(f"SPEED={os.environ['SPEED']}: it is a number above 0, minutes of school a minute")
        return 2
    folder = Path(os.environ.get("DIARY_DEMO_FOLDER", ROOT / "build" / "demo")).resolve() / name
    folder.mkdir(parents=True, exist_ok=True)
    return _run(folder, choice, speed if os.environ.get("LIVE") not in (None, "", "0") else None)


def _run(folder: Path, choice: Choice, speed: float | None) -> int:
    smtp = free_port()
    box = letter_box(folder / "letters", smtp)
    box.start()
    clock = live.Clock.kept(folder, choice.clock)
    settings = {
        "DIARY_SCHOOL_TODAY": clock.today.isoformat(),
        "DIARY_SCHOOL_TIME": clock.at_school,
        "DIARY_SMTP": f"127.0.0.1:{smtp}",
        "DIARY_SMTP_SENDER": "diary@demo.example",
    }
    port = os.environ.get("PORT")
    try:
        with Stack(folder, settings, port=int(port) if port else None) as stack:
            choice.load(stack, folder)
            _welcome(stack, folder, choice, clock)
            rest = threading.Thread(target=_rest, args=(stack, folder, choice), daemon=True)
            rest.start()
            if speed:
                rest.join()  # today's corrections are of yesterday's marks
                _live(stack, folder, choice, clock, speed)
            threading.Event().wait()
    except KeyboardInterrupt:
        say("stopped")
    finally:
        box.stop()
    return 0


def _rest(stack: Stack, folder: Path, choice: Choice) -> None:
    """Beside the visitors; what Ctrl-C cuts off goes on at the next start."""
    try:
        choice.rest(stack, folder)
    except Exception as error:
        say(f"The rest of the history was not brought in ({type(error).__name__}); the next start goes on with it")


def _live(stack: Stack, folder: Path, choice: Choice, clock: live.Clock, speed: float) -> None:
    district = read(choice.files(folder))
    operator = Client(stack.ports, stack.environment["DIARY_OPERATOR_CLIENT_SECRET"])
    life = Life(district, zarechye.PLAN.seed, live.scales(operator, district))
    live.play(stack, folder, life, clock, speed, choice.visitors(folder))


def _welcome(stack: Stack, folder: Path, choice: Choice, clock: live.Clock) -> None:
    say("")
    say(f"The diary is at  {stack.url}")
    say(f"The school's day is {clock.today}. Its sign-in page has a button for each of these;")
    say(f"with the keyboard, the password of all is «{PASSWORD}»:")
    for visitor in choice.visitors(folder):
        say(f"  {visitor.login:<10} {visitor.role:<14} {visitor.name}")
    say(f"Letters arrive in {folder / 'letters'}. Ctrl-C stops everything.")


if __name__ == "__main__":
    sys.exit(main())
