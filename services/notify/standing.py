"""What averages are made of: the marks of each pupil in a group, and the terms they are counted in.

Unlike what is owed it is kept from the beginning. Groups whose marks changed are left for crossings.py to look at.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from shared.contracts import Event, roster
from shared.contracts.averages import points
from shared.contracts.envelope import Received
from shared.contracts.grades import (
    CouncilBegun,
    CouncilWithdrawn,
    MarkCorrected,
    MarkRemoved,
    MarksDrafted,
    MarksGiven,
    PhrasesSet,
    PublicationPlanned,
    ReopeningAsked,
    ReopeningDecided,
    RuleSet,
    Scale,
    SheetLocked,
    TargetSet,
    TermGradeCorrected,
    TermGraded,
    TermPublished,
    WorkChanged,
    WorkOpened,
    WorkPublished,
    WorkRemoved,
)
from shared.contracts.roster import YearPlanned
from shared.postgres import Conn, records
from shared.stream import Projection

WORK = """
INSERT INTO standing_works (work_id, group_id, on_date, number, weight, scale) VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (work_id) DO NOTHING
"""
WEIGHT = "UPDATE standing_works SET weight = %s WHERE work_id = %s"
SCALES = "SELECT work_id, scale FROM standing_works WHERE work_id = ANY (%s)"
MARK = """
INSERT INTO standing_marks (pupil_id, group_id, work_id, points, count, at)
SELECT pupil, group_id, work, points, count, at
FROM json_to_recordset(%s) AS t (work uuid, pupil uuid, points numeric, count smallint, at timestamptz)
JOIN standing_works ON work_id = work
ON CONFLICT (pupil_id, group_id, work_id) DO UPDATE SET
    points = excluded.points, count = excluded.count, at = excluded.at
"""
MARKED = ("work", "pupil", "points", "count", "at")
DUE = """
INSERT INTO standing_due (group_id, newest, at)
SELECT group_id, max(on_date), clock_timestamp() FROM standing_works WHERE work_id = ANY (%s) GROUP BY group_id
ON CONFLICT (group_id) DO UPDATE SET newest = greatest(standing_due.newest, excluded.newest), at = excluded.at
"""
FORGET_YEAR = "DELETE FROM standing_terms WHERE year_id = %s"
TERM = "INSERT INTO standing_terms (district_id, year_id, starts, ends) VALUES (%s, %s, %s, %s)"


def apply(conn: Conn, received: Sequence[Received]) -> None:
    """Keep works, the last mark in each cell, and terms."""
    cursor = conn.cursor()
    opened = [one.event for one in received if isinstance(one.event, WorkOpened)]
    cursor.executemany(WORK, [(w.work_id, w.group_id, w.on, w.number, Decimal(w.weight), w.scale) for w in opened])
    changed = [one.event for one in received if isinstance(one.event, WorkChanged)]
    cursor.executemany(WEIGHT, [(Decimal(w.weight), w.work_id) for w in changed])
    for year in (one.event for one in received if isinstance(one.event, YearPlanned)):
        cursor.execute(FORGET_YEAR, [year.year_id])
        terms = [term for term in year.terms if term.kind == "term"]
        cursor.executemany(TERM, [(year.district_id, year.year_id, term.starts, term.ends) for term in terms])
    cells = {(work, pupil): (values, at) for work, pupil, values, at in _cells(received)}
    works = {work for work, _ in cells} | {w.work_id for w in changed}
    if works:
        scales: dict[UUID, Scale] = dict(conn.execute(SCALES, [list(works)]).fetchall())
        rows = [
            (work, pupil, *_counted(scales[work], values), at)
            for (work, pupil), (values, at) in cells.items()
            if work in scales
        ]
        conn.execute(MARK, [records(MARKED, rows)])
        conn.execute(DUE, [list(works)])


def _cells(received: Sequence[Received]) -> Iterator[tuple[UUID, UUID, tuple[str, ...], datetime]]:
    for one in received:
        match one.event:
            case MarksGiven(work_id=work, marks=marks):
                yield from ((work, mark.pupil_id, mark.values, one.time) for mark in marks)
            case MarkCorrected(work_id=work, pupil_id=pupil, after=after):
                yield work, pupil, after, one.time
            case MarkRemoved(work_id=work, pupil_id=pupil):
                yield work, pupil, (), one.time


def _counted(scale: Scale, values: Sequence[str]) -> tuple[str, int]:
    counts = [found for value in values if (found := points(value, scale)) is not None]
    return str(sum(counts, Decimal(0))), len(counts)


HANDLES: frozenset[type[Event]] = frozenset(
    {WorkOpened, WorkChanged, MarksGiven, MarkCorrected, MarkRemoved, YearPlanned}
)
LEAVES: frozenset[type[Event]] = frozenset(
    {
        WorkRemoved, WorkPublished, PublicationPlanned, MarksDrafted, RuleSet, PhrasesSet, TargetSet, CouncilBegun,
        CouncilWithdrawn, ReopeningAsked, ReopeningDecided, SheetLocked, TermGraded, TermGradeCorrected, TermPublished,
        roster.SchoolDescribed, roster.GroupDescribed, roster.GroupClosed, roster.EnrolmentsSet, roster.RolesSet,
        roster.FamilySet, *roster.TIE_REQUESTS, roster.PersonDescribed, roster.PersonErased, roster.ImportApplied,
    }
)  # fmt: skip

PROJECTION = Projection(
    name="notify.standing.1",
    topics=("diary.roster", "diary.grades"),
    apply=apply,
    handles=HANDLES,
    leaves=LEAVES,
    tables=("standing_works", "standing_marks", "standing_terms", "standing_due"),
)
