"""PostgreSQL as a child: what it must survive."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from deploy.embedded.postgres import Postgres
from deploy.embedded.supervisor import InUse


@pytest.fixture
def folder(servers_folder: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    yield servers_folder / f"папка с пробелами {request.node.name}"


def _one(server: Postgres, query: str) -> object:
    with psycopg.connect(server.admin_conninfo, autocommit=True) as connection:
        answer = connection.execute(query.encode())
        row = answer.fetchone() if answer.description else None
        return row[0] if row else None


def test_it_keeps_its_data_and_its_port_when_killed(folder: Path) -> None:
    with Postgres(folder) as server:
        port, first = server.port, server.pid
        _one(server, "create table kept as select 'Ёлка' as word")
        server.kill()
        with pytest.raises(psycopg.OperationalError):
            _one(server, "select 1")
        server.start()
        assert (_one(server, "select word from kept"), server.port) == ("Ёлка", port)
        assert server.pid != first


def test_its_settings_do_not_trade_safety_for_speed(postgres: Postgres) -> None:
    assert [_one(postgres, f"show {name}") for name in ("fsync", "synchronous_commit", "wal_level")] == [
        "on",
        "on",
        "replica",
    ]
    assert _one(postgres, "show max_connections") == "300"


def test_nobody_comes_in_without_the_password(postgres: Postgres) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(postgres.conninfo("postgres", password="wrong"))


def test_two_run_side_by_side_and_a_folder_has_one_owner(folder: Path, postgres: Postgres) -> None:
    with Postgres(folder) as other:
        assert other.port != postgres.port
        with pytest.raises(InUse):
            Postgres(folder).start()
        assert _one(other, "select 1") == _one(postgres, "select 1") == 1


def test_after_a_kill_of_ourselves_the_next_run_takes_over(folder: Path) -> None:
    # a program that starts a server and is killed before it can stop it
    script = (
        "import os, signal, sys; from pathlib import Path; from deploy.embedded.postgres import Postgres\n"
        "server = Postgres(Path(sys.argv[1])); server.start(); print(server.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", script, str(folder)], capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    orphan = int(done.stdout)
    os.kill(orphan, 0)  # it lives on
    with Postgres(folder) as server:
        assert _one(server, "select 1") == 1
        assert server.pid != orphan
    state = Path(f"/proc/{orphan}/stat")
    assert not state.exists() or " Z " in state.read_text(), "the orphan was not ended"


@pytest.mark.parametrize("left", ["", "1\n", "our own\n", "not a number\n"])
def test_a_foreign_or_broken_pid_file_does_not_keep_it_from_starting(folder: Path, left: str) -> None:
    server = Postgres(folder)
    server.start()
    data = str(_one(server, "show data_directory"))
    server.kill()
    Path(data, "postmaster.pid").write_text(left.replace("our own", str(os.getpid())))
    server.start()
    assert _one(server, "select 1") == 1
    server.stop()
