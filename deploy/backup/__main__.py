"""`python -m deploy.backup ARCHIVE keep|take|list|verify|prune|restore|rehearse`; see docs/operations/backup.md.

Exit status: 0 done or sound, 1 damaged or refused, 2 mistyped.
"""

import argparse
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

from deploy.backup.archive import Archive, Base, Unusable
from deploy.backup.rehearsal import compared
from deploy.backup.restore import restore
from shared.settings import Settings

AGAIN = 5.0
"""Seconds after which a stream that ended is begun again."""


def main() -> int:
    """Do what the command line says."""
    asked = _parser().parse_args()
    archive, settings = Archive(asked.archive), Settings()
    admin = settings.postgres_admin.get_secret_value()
    if asked.command in ("keep", "take") and not admin:
        print("DIARY_POSTGRES_ADMIN is not set: it names the server and a superuser, or a role with REPLICATION")
        return 1
    try:
        match asked.command:
            case "keep":
                return _keep(archive, admin)
            case "take":
                print(f"taken: {_line(archive.take(admin))}")
            case "list":
                _list(archive)
            case "verify":
                return _verify(archive)
            case "prune":
                bases, segments = archive.prune(datetime.now(UTC) - timedelta(days=asked.days))
                print(f"dropped {bases} backups and {segments} segments of the stream older than {asked.days} days")
            case "restore":
                return _restore(archive, asked.into, asked.at, admin, asked.yes)
            case "rehearse":
                return _rehearse(archive, settings, admin)
    except (Unusable, psycopg.OperationalError) as why:
        print(f"not done: {why}")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.backup", description=__doc__)
    parser.add_argument("archive", type=Path, help="the folder; on another disk or machine than the server's")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, what in (
        ("keep", "stream what is written, until stopped; run it always"),
        ("take", "take a base backup of the running server"),
        ("list", "say what there is"),
        ("verify", "read everything and compare it with its checksums"),
        (
            "rehearse",
            "restore the newest state beside the server, compare it with the topics, and say how long it took",
        ),
    ):
        commands.add_parser(name, help=what)
    prune = commands.add_parser(
        "prune", help="drop what no moment of the last days needs; of 0 days: all but the newest base"
    )
    prune.add_argument("--days", type=_days, default=30)
    back = commands.add_parser("restore", help="make a data directory as the server was at a moment")
    back.add_argument("--into", type=Path, required=True, help="the server's folder; its old data moved away before")
    back.add_argument("--at", type=_moment, help="with zone: 2026-11-29T14:05:00+03:00; left out: the newest there is")
    back.add_argument("--yes", action="store_true", help="do not ask")
    return parser


def _days(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text} is no number of days")
    return int(text)


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no moment: write it as 2026-11-29T14:05:00+03:00") from None
    if at.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text} has no time zone: write it as {text}+03:00")
    return at.astimezone(UTC)


def _keep(archive: Archive, admin: str) -> int:
    stopping: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: stopping.append(number))
    while not stopping:
        stream = archive.stream(admin) if _answers(admin) else None
        print("streaming" if stream else "the server does not answer; trying again", flush=True)
        while stream and stream.poll() is None and not stopping:
            time.sleep(0.2)
        if stream:
            _end(stream)
        until = time.monotonic() + AGAIN
        while not stopping and time.monotonic() < until:
            time.sleep(0.2)
    return 0


def _answers(admin: str) -> bool:
    try:
        psycopg.connect(admin, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _end(stream: subprocess.Popen[bytes]) -> None:
    if stream.poll() is None:
        stream.send_signal(signal.SIGINT)  # it writes down how far it is
    stream.wait()


def _second(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _line(base: Base) -> str:
    return f"{_second(base.taken)}, {base.size / 1024**2:.0f} MiB"


def _list(archive: Archive) -> None:
    for base in archive.bases():
        print(_line(base))
    reaches = archive.reaches()
    if not archive.bases():
        print("no backup yet")
    elif reaches is None:
        print("nothing was streamed: only these very moments can be restored. Run keep")
    else:
        first = archive.bases()[0].taken
        print(f"any moment from {_second(first)} can be restored; the last record is of {_second(reaches)}")


def _verify(archive: Archive) -> int:
    wrong = archive.verify()
    for sentence in wrong:
        print(sentence)
    print("damaged" if wrong else f"sound: {len(archive.bases())} backups, each with its checksums, and the stream")
    return 1 if wrong else 0


def _restore(archive: Archive, into: Path, at: datetime | None, admin: str, agreed: bool) -> int:
    if at and at > datetime.now(UTC):
        raise Unusable(f"{_second(at)} is still to come")
    base = archive.base_for(at)
    reaches = max(archive.reaches() or base.taken, base.taken)
    goal = f"at {_second(at)}" if at else "when the last of it was written"
    print(f"found: a backup of {_line(base)}; what was written last in the stream is of {_second(reaches)}")
    if at and at > reaches:
        print("The stream has nothing later: either nothing was written since, or it was cut")
    print(f"will make {into / 'data'} as it was {goal}. Nothing is overwritten.")
    if not agreed and not _agreed():
        print("Nothing was changed.")
        return 1
    began = time.monotonic()
    server = restore(archive, base, into, at, admin)
    server.stop()
    print(
        f"restored in {time.monotonic() - began:.0f} s. Start the server there, then for each service: recover --verify"
    )
    return 0


def _agreed() -> bool:
    try:
        return input("Go on? Type yes: ").strip() == "yes"
    except EOFError:  # nobody sits there
        return False


def _rehearse(archive: Archive, settings: Settings, admin: str) -> int:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="diary-rehearsal-") as folder:
        Path(folder).chmod(0o711)
        server = restore(archive, archive.base_for(None), Path(folder) / "postgres", None, admin)
        try:
            print(f"restored in {time.monotonic() - began:.0f} s", flush=True)
            good = compared(server, settings)
        finally:
            server.stop()
    print(f"{'sound' if good else 'DAMAGED'}: the whole rehearsal took {time.monotonic() - began:.0f} s")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
