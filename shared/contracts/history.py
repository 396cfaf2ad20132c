"""Every schema ever published, numbered, kept for ever: what a change is judged against.

`schemas/history/<type>/<n>.{writer,reader}.json` is only added to. Snapshot 1 came with the type; each later one is a
compatible change of it. SHA256SUMS lists them all: a listed file that changed or vanished is a finding.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from shared.contracts import CONTRACTS, UPCASTS, Event, Json, schema
from shared.contracts.compatible import Pair, UnknownKeyword, breaks

SUMS = "SHA256SUMS"


def text(document: Json) -> str:
    """JSON as it is committed: a diff shows one change a line."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def snapshots(folder: Path, type_: str) -> list[Pair]:
    """The type's published schemas, oldest first. Raises FileNotFoundError where one of a pair is missing."""
    count = len(list((folder / type_).glob("*.writer.json")))
    return [Pair(_load(folder, type_, n, "writer"), _load(folder, type_, n, "reader")) for n in range(1, count + 1)]


def _load(folder: Path, type_: str, number: int, side: str) -> Json:
    loaded: Json = json.loads((folder / type_ / f"{number}.{side}.json").read_text("utf-8"))
    return loaded


def judge(event: type[Event], earlier: list[Pair]) -> list[str]:
    """Why the event as it is in the code may not follow what was published before."""
    now = Pair(schema.writer(event), schema.reader(event))
    try:
        return [f"{event.TYPE} (against {n}): {why}" for n, was in enumerate(earlier, 1) for why in breaks(was, now)]
    except UnknownKeyword as unknown:
        return [f"{event.TYPE}: {unknown}"]


def due(folder: Path, events: Iterable[type[Event]]) -> dict[Path, str]:
    """Snapshots to be added: of types not published yet, and of those whose meaning changed since the last one."""
    added: dict[Path, str] = {}
    for event in events:
        earlier = snapshots(folder, event.TYPE)
        now = Pair(schema.writer(event), schema.reader(event))
        if not earlier or schema.without_words(now.writer) != schema.without_words(earlier[-1].writer):
            place = folder / event.TYPE
            added[place / f"{len(earlier) + 1}.writer.json"] = text(now.writer)
            added[place / f"{len(earlier) + 1}.reader.json"] = text(now.reader)
    return added


def lost(folder: Path) -> Iterator[str]:
    """Types that were published and can no longer be read, and old versions that lead nowhere."""
    known = CONTRACTS.keys() | UPCASTS.keys()
    for place in sorted(p for p in folder.iterdir() if p.is_dir()):
        if place.name not in known:
            yield f"{place.name} was published: keep it in the code, or upcast it"
    for old, (new, _) in UPCASTS.items():
        if not snapshots(folder, old):
            yield f"{old} has an upcast but was never published"
        if new not in known:
            yield f"{old} is upcast to {new}, which nobody knows"


def added_only(folder: Path) -> list[str]:
    """Listed files that changed or vanished, and files that no line lists."""
    there = {str(f.relative_to(folder)): digest(f) for f in sorted(folder.rglob("*.json"))}
    listed = {name: sum_ for sum_, name in (line.split("  ", 1) for line in _lines(folder / SUMS))}
    changed = [f"{folder.name}/{name} was changed or removed" for name in listed if there.get(name) != listed[name]]
    return [*changed, *(f"{folder.name}/{name} is not listed in {SUMS}" for name in there if name not in listed)]


def enlist(folder: Path) -> None:
    """Add lines for files that have none; lines that are there stay as they are."""
    listed = _lines(folder / SUMS)
    names = {line.split("  ", 1)[1] for line in listed}
    new = [f for f in sorted(folder.rglob("*.json")) if str(f.relative_to(folder)) not in names]
    listed += [f"{digest(f)}  {f.relative_to(folder)}" for f in new]
    (folder / SUMS).write_text("".join(f"{line}\n" for line in sorted(listed, key=lambda x: x.split("  ", 1)[1])))


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _lines(file: Path) -> list[str]:
    return file.read_text("utf-8").splitlines() if file.exists() else []
