"""`python -m shared.contracts` writes schemas, AsyncAPI and docs/events.md anew; with `--check` it only looks.

Both refuse, with the reasons, a change that an earlier reader could not read or whose earlier events we could not.
"""

import sys

from shared.contracts import publish


def main(arguments: list[str]) -> int:
    """Exit status: 0 fine, 1 refused or stale, 2 misused."""
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    found = publish.refusals()
    if not found and arguments:
        found = publish.stale()
    elif not found:
        publish.write()
    for finding in found:
        print(finding, file=sys.stderr)
    if any("(against " in finding for finding in found):
        print("Make it a new version (docs/how-to/add-an-event.md), or only add optional fields.", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
