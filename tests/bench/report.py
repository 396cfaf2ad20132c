"""Figures of one run, printed and written to build/bench.json."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

FILE = Path(__file__).parents[2] / "build" / "bench.json"


@dataclass(frozen=True)
class Figure:
    """`spread` is the least and the greatest of the repeats; `against` names the baseline.

    `goal` is a ratio where there is a baseline, else a figure not to be passed; none has been set where it is None.
    """

    name: str
    figure: float
    unit: str
    spread: tuple[float, float]
    baseline: float | None = None
    ratio: float | None = None
    goal: float | None = None
    met: bool | None = None
    against: str = ""


def compared(
    name: str, unit: str, ours: Sequence[float], theirs: Sequence[float], against: str, goal: float | None = None
) -> Figure:
    """The median of ours beside the median of theirs; the goal is the least ratio."""
    figure, baseline = median(ours), median(theirs)
    ratio = round(figure / baseline, 2)
    met = None if goal is None else ratio >= goal
    return Figure(name, round(figure, 1), unit, _spread(ours), round(baseline, 1), ratio, goal, met, against)


def plain(name: str, unit: str, repeats: Sequence[float], most: float | None = None) -> Figure:
    """A median of our own repeats; the goal is the most it may be."""
    figure = round(median(repeats), 1)
    return Figure(name, figure, unit, _spread(repeats), goal=most, met=None if most is None else figure <= most)


def _spread(values: Sequence[float]) -> tuple[float, float]:
    return round(min(values), 1), round(max(values), 1)


def write(figures: Sequence[Figure]) -> None:
    """Replace what an earlier run wrote under the same names."""
    kept = json.loads(FILE.read_text()) if FILE.exists() else []
    names = {figure.name for figure in figures}
    FILE.parent.mkdir(parents=True, exist_ok=True)
    all_of_them = [old for old in kept if old["name"] not in names] + [asdict(figure) for figure in figures]
    FILE.write_text(json.dumps(all_of_them, indent=2, ensure_ascii=False) + "\n")
    for f in figures:
        beside = f", {f.against} {f.baseline} {f.unit}, ratio {f.ratio}" if f.baseline is not None else ""
        goal = f"; goal {f.goal}: {'met' if f.met else 'missed'}" if f.goal is not None else ""
        print(f"{f.name}: {f.figure} {f.unit} ({f.spread[0]} to {f.spread[1]}){beside}{goal}")
