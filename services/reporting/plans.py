"""What a school had planned, each time it was said anew and whole: timetable, bells, holidays, groups and their lists.

The history projection keeps it, and a page asks what had been said by a moment (B-28). Each question answers as its
namesake in learning.py or shared.timetable does for now.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from services.reporting.learning import Membership, Teaching
from shared import timetable
from shared.contracts import Event, Json, decode
from shared.contracts.envelope import Received
from shared.contracts.lessons import Bell, BellsSet, Holiday, HolidaysSet, TimetableSet
from shared.contracts.roster import EnrolmentsSet, GroupClosed, GroupDescribed
from shared.contracts.timetable import Bells, Lesson, lessons_between
from shared.postgres import Conn, records

OF_SCHOOL = (TimetableSet, BellsSet, HolidaysSet)
OF_GROUP = (GroupDescribed, GroupClosed, EnrolmentsSet)
PLANNED: frozenset[type[Event]] = frozenset({*OF_SCHOOL, *OF_GROUP})
TABLE = "history_plans"

E = TypeVar("E", bound=Event)

KEEP = """
INSERT INTO history_plans (event_id, school_id, object_id, type, version, at, pupils, data)
SELECT * FROM json_to_recordset(%s) AS p (event text, school uuid, object uuid, type text, version int,
                                          at timestamptz, pupils uuid[], data jsonb)
ON CONFLICT (event_id) DO NOTHING
"""
KEPT = ("event", "school", "object", "type", "version", "at", "pupils", "data")


def keep(conn: Conn, received: Sequence[Received]) -> None:
    """Those events of the batch that are plans; the others are read past."""
    rows = [
        (one.id, one.event.key, _object(one.event), type(one.event).TYPE, one.envelope.version, one.time,
         _pupils(one.event), one.event.model_dump(mode="json", exclude_none=True))
        for one in received if type(one.event) in PLANNED
    ]  # fmt: skip
    if rows:
        conn.execute(KEEP, [records(KEPT, rows)])


def _object(event: Event) -> UUID:
    return event.group_id if isinstance(event, OF_GROUP) else event.key


def _pupils(event: Event) -> list[UUID] | None:
    if not isinstance(event, EnrolmentsSet):
        return None
    return sorted({listed.person_id for listed in event.enrolments if listed.role == "pupil"})


GROUPS_OF = "SELECT DISTINCT object_id FROM history_plans WHERE pupils @> ARRAY[%s::uuid]"


def memberships(conn: Conn, pupil: UUID, first: date, last: date, moment: datetime) -> list[Membership]:
    """Groups that by the moment were to have the pupil at some day of the range."""
    groups = [row[0] for row in conn.execute(GROUPS_OF, [pupil])]
    found = []
    for group in _groups(conn, groups, moment):
        for listed in group.list.enrolments:
            starts, ends = max(listed.starts, group.described.starts), min(listed.ends, group.last)
            if (listed.person_id, listed.role) == (pupil, "pupil") and starts <= last and ends >= first:
                told = group.described
                found.append(Membership(told.group_id, told.school_id, told.subject, told.title, starts, ends))
    return found


def teaching(conn: Conn, groups: Iterable[UUID], moment: datetime) -> list[Teaching]:
    """Who was to teach the groups; of two on a day the last one is responsible."""
    found = [
        (listed.primary, group.described.group_id, listed)
        for group in _groups(conn, groups, moment)
        for listed in group.list.enrolments
        if listed.role == "teacher"
    ]
    found.sort(key=lambda one: (not one[0], one[2].person_id), reverse=True)
    return [(group, listed.person_id, listed.starts, listed.ends) for _, group, listed in found]


def subjects(conn: Conn, groups: Iterable[UUID], moment: datetime) -> dict[UUID, str]:
    """What the groups' subjects were called."""
    return {group.described.group_id: group.described.subject for group in _groups(conn, groups, moment)}


@dataclass(frozen=True)
class Group:
    """`last`: the day after which it has no lessons, whatever its list says."""

    described: GroupDescribed
    last: date
    list: EnrolmentsSet


# closing and describing are told in one stream, the list in the same
OF_GROUPS = """
SELECT DISTINCT ON (object_id, type) type, data, version FROM history_plans
WHERE object_id = ANY (%s) AND at <= %s ORDER BY object_id, type, version DESC
"""


def _groups(conn: Conn, ids: Iterable[UUID], moment: datetime) -> Iterable[Group]:
    """Those of which something was known, with their lists."""
    told: dict[UUID, dict[type[Event], tuple[Event, int]]] = {}
    for type_, data, version in conn.execute(OF_GROUPS, [list(ids), moment]):
        event = decode(type_, data)
        told.setdefault(_object(event), {})[type(event)] = (event, version)
    for group, said in told.items():
        described, opened = said.get(GroupDescribed, (None, 0))
        closed, ended = said.get(GroupClosed, (None, 0))
        listed, _ = said.get(EnrolmentsSet, (None, 0))
        if isinstance(described, GroupDescribed):
            last = described.ends
            if isinstance(closed, GroupClosed) and ended > opened:  # described again, it is open again
                last = min(last, closed.closed_on - timedelta(days=1))
            empty = EnrolmentsSet(group_id=group, school_id=described.school_id, enrolments=())
            yield Group(described, last, listed if isinstance(listed, EnrolmentsSet) else empty)


OF_A_SCHOOL = "SELECT DISTINCT object_id FROM history_plans WHERE school_id = %s AND type = %s AND at <= %s"


def groups_of(conn: Conn, school: UUID, moment: datetime) -> list[Group]:
    """All groups of the school that were known."""
    known = conn.execute(OF_A_SCHOOL, [school, GroupDescribed.TYPE, moment])
    return list(_groups(conn, [row[0] for row in known], moment))


def lessons(conn: Conn, of: Mapping[UUID, set[UUID]], first: date, last: date, moment: datetime) -> list[Lesson]:
    """Lessons of groups by the timetable and what differed from it, as far as decided by then, in order of time.

    `of`: the groups by their schools.
    """
    found: list[Lesson] = []
    for school, groups in of.items():
        differing = timetable.exceptions(conn, groups, first, last, moment)
        timetables = _timetables(conn, school, groups, moment)
        anchors = [one.anchor for one in timetables if one.cycle]
        free = holidays(conn, school, min([first, *anchors]), max([last, *anchors]), moment)
        found += lessons_between(timetables, free, differing, first, last)
    return sorted(found, key=lambda lesson: (lesson.on, lesson.number, lesson.group_id))


# of one first day the last word counts
TIMETABLES = """
SELECT DISTINCT ON (data->>'starts') data FROM history_plans
WHERE object_id = %s AND type = %s AND at <= %s ORDER BY data->>'starts', version DESC
"""


def _timetables(conn: Conn, school: UUID, groups: set[UUID], moment: datetime) -> list[TimetableSet]:
    """Each with the slots of these groups only."""
    found = []
    for (data,) in conn.execute(TIMETABLES, [school, TimetableSet.TYPE, moment]):
        of_them = [slot for slot in data["slots"] if UUID(slot["group_id"]) in groups]
        found.append(TimetableSet.model_validate({**data, "slots": of_them}))
    return found


def bells(conn: Conn, school: UUID, moment: datetime) -> Bells:
    """The school's bell plan."""
    plan = _last(conn, school, BellsSet, moment)
    if plan is None:
        return Bells()
    return Bells(_by_number(plan.bells), {day.on: _by_number(day.bells) for day in plan.days})


def _by_number(bells: Iterable[Bell]) -> dict[int, Bell]:
    return {bell.number: bell for bell in bells}


def holidays(conn: Conn, school: UUID, first: date, last: date, moment: datetime) -> list[Holiday]:
    """Holidays of the school that touch the range."""
    year = _last(conn, school, HolidaysSet, moment)
    return [one for one in year.holidays if one.starts <= last and one.ends >= first] if year else []


LAST = """
SELECT data FROM history_plans WHERE object_id = %s AND type = %s AND at <= %s ORDER BY version DESC LIMIT 1
"""


def _last(conn: Conn, school: UUID, kind: type[E], moment: datetime) -> E | None:
    row: tuple[Json] | None = conn.execute(LAST, [school, kind.TYPE, moment]).fetchone()
    return kind.model_validate(row[0]) if row else None
