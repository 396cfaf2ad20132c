"""The commands of docs/operations/recovery.md, so that what stands there is what is tried."""

import shlex
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "operations" / "recovery.md"
PROGRAM = ["python", "-m", "services"]


def steps(situation: str) -> list[list[str]]:
    """The arguments of each command in the part of that heading, without program and service."""
    text = PAGE.read_text("utf-8").split(f"\n## {situation}\n")[1].split("\n## ")[0]
    lines = [shlex.split(line) for block in text.split("```")[1::2] for line in block.strip().splitlines()]
    assert all(line[:3] == PROGRAM for line in lines), lines
    return [line[4:] for line in lines]
