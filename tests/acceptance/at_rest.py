"""Looking for words where things are kept: every table, every record of the topics, every log."""

import asyncio
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from deploy.demo.stack import SERVICES
from deploy.embedded.postgres import binaries
from tests.acceptance.conftest import Diary
from tests.acceptance.test_security import all_records


def hits(diary: Diary, values: Sequence[str]) -> list[str]:
    """Which of the values stand anywhere in the clear: every table of every database, every record, every log."""
    places = [_dumped(diary, name) for name in (*SERVICES, "keyring")]
    places += [b"\n".join(asyncio.run(all_records(diary.stack.environment["DIARY_KAFKA"])))]
    places += [file.read_bytes() for file in _logs(diary.stack.folder)]
    return [value for value in values if any(value.encode() in place for place in places)]


def _logs(folder: Path) -> list[Path]:
    return [*folder.glob("*.log"), *(folder / "postgres").glob("*.log"), *(folder / "audit").glob("*")]


def _dumped(diary: Diary, service: str) -> bytes:
    admin = conninfo_to_dict(diary.stack.environment["DIARY_POSTGRES_ADMIN"])
    command = [binaries() / "pg_dump", "-h", admin["host"], "-p", admin["port"], "-U", admin["user"], "--data-only"]
    password = {"PGPASSWORD": str(admin["password"])}
    done = subprocess.run([*map(str, command), f"diary_{service}"], env=os.environ | password, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout
