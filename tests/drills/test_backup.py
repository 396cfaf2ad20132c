"""A backup taken while teachers write, the server lost, and a state of an earlier moment restored in its place."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.embedded.postgres import Postgres
from tests.drills.checks import check
from tests.drills.rig import ROOT, Process, Rig
from tests.drills.runbook import steps

pytestmark = pytest.mark.drill


class Tool:
    """`python -m deploy.backup` on an archive beside the rig."""

    def __init__(self, rig: Rig) -> None:
        self.archive = rig.folder / "archive"
        self._env = {
            **os.environ,
            "DIARY_ENVIRONMENT": "test",
            "DIARY_POSTGRES_ADMIN": rig.postgres.admin_conninfo,
            "DIARY_KAFKA": rig.settings.kafka,
            "PYTHONUNBUFFERED": "1",
        }

    def words(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "deploy.backup", str(self.archive), *arguments]

    def run(self, *arguments: str, typed: str = "") -> tuple[int, str]:
        done = subprocess.run(
            self.words(*arguments), env=self._env, cwd=ROOT, input=typed, capture_output=True, text=True, timeout=120
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    @contextmanager
    def keeping(self) -> Iterator[None]:
        """While the stream is taken."""
        command = self.words("keep")
        with subprocess.Popen(command, env=self._env, cwd=ROOT, stdout=subprocess.PIPE, text=True) as stream:
            try:
                assert stream.stdout and "streaming" in stream.stdout.readline()
                yield
            finally:
                stream.send_signal(signal.SIGINT)
                assert stream.wait(30) == 0


def test_a_lost_server_is_restored_to_a_moment_and_healed_from_the_topic(rig: Rig) -> None:
    api, relay = rig.process("grades", "api"), rig.process("grades", "relay")
    rig.start(api, relay, *rig.readers())
    rig.opened()
    rig.keys_for_all()
    tool = Tool(rig)
    assert tool.run("list") == (0, "no backup yet\n")
    status, said = tool.run("restore", "--into", str(rig.folder / "nowhere"), "--yes")
    assert status == 1 and "holds no backup" in said
    with tool.keeping():
        at, has, published = _written_on(rig, tool, api)
        rig.postgres.kill()
    lost, password = rig.folder / "postgres", (rig.folder / "postgres" / "password").read_text()
    status, said = tool.run("restore", "--into", str(lost), "--yes")
    assert status == 1 and "has a server's data" in said, "what is there is never overwritten"
    shutil.move(lost, rig.folder / "postgres.lost")
    _misused(tool, lost)
    status, said = tool.run("restore", "--into", str(lost), "--at", at.isoformat(), typed="yes\n")
    assert status == 0 and "restored in" in said, said
    rig.note(said.strip().splitlines()[-2])
    assert (lost / "password").read_text() == password
    rig.postgres = rig.take_over(Postgres(lost, rig.postgres.port))
    assert rig.events() == has

    rig.until(lambda: relay.metric("diary_relay_refuses") == 1, 60, "the relay refuses the store")
    for arguments, expected in zip(steps("A store was set back"), (1, 0, 0), strict=True):
        status, said = relay.tried(*arguments, typed="yes\n")
        assert status == expected, said
    rig.opened()
    assert rig.events() == published
    rig.written(api, 20)
    assert not check(rig).faults


def _written_on(rig: Rig, tool: Tool, api: Process) -> tuple[datetime, int, int]:
    """A base is taken, and a rehearsal played, while teachers write: the moment to go back to, events then and now."""
    rig.written(api, 30)
    status, said = tool.run("take")
    assert status == 0, said
    rig.note(said.strip())
    rig.written(api, 30)
    time.sleep(1.5)  # the backup's name has whole seconds
    at, has = datetime.now(UTC), rig.events()
    time.sleep(0.5)
    rig.written(api, 40)
    published = rig.events()
    rig.note(f"{has} events at the moment to go back to, {published} now, all published")
    assert tool.run("verify")[0] == 0
    status, said = tool.run("rehearse")
    assert status == 0 and f"grades: {published} events, 0 newer" in said, said
    rig.note(said.strip().splitlines()[-1])
    return at, has, published


def _misused(tool: Tool, into: Path) -> None:
    """What an operator types in haste: told in one line, and nothing has changed."""
    for arguments, told in (
        (["--at", "2020-01-01T00:00:00+00:00"], "the oldest backup is of"),
        (["--at", "2099-01-01T00:00:00+00:00"], "is still to come"),
        (["--at", "yesterday"], "yesterday is no moment"),
        (["--at", "2026-11-29T12:00:00"], "has no time zone"),
        ([], "Nothing was changed"),  # nobody sits there to say yes
    ):
        status, said = tool.run("restore", "--into", str(into), *arguments)
        assert status != 0 and told in said and not into.exists(), said


def test_a_damaged_archive_is_named(rig: Rig) -> None:
    tool = Tool(rig)
    assert tool.run("take")[0] == 0
    assert tool.run("verify")[0] == 0
    (base,) = (tool.archive / "bases").iterdir()
    with (base / "base.tar.gz").open("r+b") as file:
        file.seek(200_000)
        file.write(rig.chance.randbytes(64))
    status, said = tool.run("verify")
    assert status == 1 and base.name in said, said
    status, said = tool.run("prune", "--days", "many")
    assert status == 2 and "no number of days" in said
    assert tool.run("prune", "--days", "1") == (0, "dropped 0 backups and 0 segments of the stream older than 1 days\n")


def test_after_an_erasure_the_archive_can_be_made_to_begin_anew(rig: Rig) -> None:
    tool = Tool(rig)
    assert tool.run("take")[0] == 0
    time.sleep(1.5)  # the backup's name has whole seconds
    assert tool.run("take")[0] == 0
    newest = max((tool.archive / "bases").iterdir())
    status, said = tool.run("prune", "--days", "0")
    assert status == 0 and said.startswith("dropped 1 backups"), said
    assert list((tool.archive / "bases").iterdir()) == [newest]
    assert tool.run("verify")[0] == 0
