"""`make docs`: writes docs/operations/settings.md from the settings' own descriptions; `--check` only compares."""

import sys
from pathlib import Path

from pydantic_core import PydanticUndefined

from shared.settings import Settings

FILE = Path(__file__).parent / "operations/settings.md"
HEAD = """# Settings

By environment variables only, the same in demo and cluster. Generated from shared/settings.py by `make docs`.

| variable | default | what |
| --- | --- | --- |
"""


def settings() -> str:
    """The table of every setting."""
    rows = []
    for name, field in Settings.model_fields.items():
        default = field.default
        shown = "" if default in (PydanticUndefined, None) or "Secret" in type(default).__name__ else f"`{default}`"
        rows.append(f"| `DIARY_{name.upper()}` | {shown if shown != '``' else ''} | {field.description} |")
    return HEAD + "\n".join(rows) + "\n"


def main() -> int:
    if "--check" in sys.argv:
        if FILE.read_text("utf-8") == settings():
            return 0
        print("docs/operations/settings.md is not what shared/settings.py says: run `make docs`")
        return 1
    FILE.write_text(settings(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
