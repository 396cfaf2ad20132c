"""What teachers and parents do on a day, as a list of timed commands. Pure: it reads the district, it sends nothing.

Every command follows from the district, the seed and its own name, so that a day can be played again from any point.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid5

from deploy.demo.client import NAMESPACE
from deploy.demo.day import letters, words
from deploy.demo.day.bundle import School, Slot
from deploy.demo.day.dice import pick, roll, share
from deploy.demo.day.lesson import Command, Lesson, Life, Work
from deploy.demo.day.life import Missing
from deploy.demo.day.subjects import Subject, is_marked, subject_of

COMMENTED = {5: 0.03, 4: 0.02, 3: 0.06, 2: 0.5}
"""Share of marks with a comment, by mark."""
CORRECTED = 0.01
"""Share of marks that are corrected on the next school day."""


def day(
    life: Life,
    on: date,
    groups: Collection[str] | None = None,
    corrected: Collection[str] | None = None,
    reads: float = 0.0,
    played: date | None = None,
) -> list[Command]:
    """All commands of a day in order of time; only those of some groups, if groups are named.

    `corrected`: groups that were taught on the school day before, whose mistakes are put right; None: all.
    `played`: the day on which that is, if it is a later one: then no homework is due that very day.
    `reads`: how many parents open the diary for each pupil of whom something was written, 0 to 1.
    """
    found: list[Command] = []
    for school in life.district.schools.values():
        held = lessons(life, school, on)
        for lesson in held:
            if groups is None or lesson.group.name in groups:
                made = works(life, lesson)
                found += _taught(life, school, lesson, made)
                found += _homework(life, school, lesson, played)
                found += _remarks(life, lesson)
                found += letters.about(life, lesson, lowest(made), reads)
        before = school.day_before(on) if held else None
        for earlier in lessons(life, school, before) if before else ():
            if corrected is None or earlier.group.name in corrected:
                found += _corrected(life, school, earlier)
    return sorted(found, key=lambda command: (command.at, command.lane, command.once))


def lessons(life: Life, school: School, on: date) -> list[Lesson]:
    """The school's lessons of a day, each with who is in it. Groups without teacher or pupils have none."""
    iso = on.isoformat()
    slots = school.lessons(on)
    members = {slot.group: school.groups[slot.group].members(iso) for slot in slots}
    ends: dict[str, tuple[int, int]] = {}
    for slot in slots:  # in order of their number
        for pupil in members[slot.group]:
            ends[pupil] = (ends[pupil][0] if pupil in ends else slot.number, slot.number)
    found = (_lesson(life, school, slot, on, members[slot.group], ends) for slot in slots)
    return [lesson for lesson in found if lesson]


def _lesson(
    life: Life, school: School, slot: Slot, on: date, members: Sequence[str], ends: Mapping[str, tuple[int, int]]
) -> Lesson | None:
    group = school.groups[slot.group]
    teacher = slot.teacher or group.teacher(on.isoformat())
    if not teacher or not members:
        return None
    missing = {}
    for name in members:
        first, last = ends[name]
        if said := life.pupil(name, school.name).missing(on, slot.number == first, slot.number == last):
            missing[name] = said
    starts, over = school.bells.get(slot.number, (480 + 55 * slot.number, 525 + 55 * slot.number))
    present = tuple(name for name in members if name not in missing or missing[name].state == "late")
    actor = UUID(life.id("users", teacher))
    return Lesson(group, slot, on, school.ordinal(slot, on), starts, over, actor, missing, present)


def works(life: Life, lesson: Lesson) -> list[Work]:
    """What is marked in the lesson: a test or a quiz of the whole class, else some answers; homework now and then."""
    group = lesson.group
    subject = subject_of(group.subjects)
    ordinal = lesson.ordinal + share(group.name, "phase") % 12  # classes do not all write their tests in one week
    if not is_marked(" ".join(group.subjects), _grade(life, lesson)):
        return []
    found = []
    if subject.test and ordinal % subject.test == subject.test - 1:
        title = words.TEST.format(n=ordinal // subject.test + 1)
        found.append(_work(life, lesson, subject, "test", title, lesson.present))
    elif subject.quiz and ordinal % subject.quiz == subject.quiz - 1:
        title = words.QUIZ.format(n=ordinal // subject.quiz + 1)
        found.append(_work(life, lesson, subject, "quiz", title, lesson.present))
    else:
        asked = _asked(lesson, 3 + share(lesson.lane, "asked") % 4)
        found.append(_work(life, lesson, subject, "lesson", "", asked))
    if subject.home and ordinal % subject.home == 1:
        read = _asked(lesson, 4 + share(lesson.lane, "read") % 5, shift=7)
        found.append(_work(life, lesson, subject, "homework", words.HOMEWORK, read))
    return [work for work in found if work.marks]


def _work(life: Life, lesson: Lesson, subject: Subject, kind: str, title: str, names: Sequence[str]) -> Work:
    school = lesson.group.school
    return Work(kind, title, {n: life.pupil(n, school).mark(subject, kind, lesson.on) for n in names})


def lowest(made: Sequence[Work]) -> dict[str, int]:
    """The lowest mark of each pupil who got one."""
    found: dict[str, int] = {}
    for work in made:
        for name, mark in work.marks.items():
            found[name] = min(mark, found.get(name, mark))
    return found


def _asked(lesson: Lesson, count: int, shift: int = 0) -> list[str]:
    """Teachers go through their class in an order of their own, so that everyone is asked once in a while."""
    order = sorted(lesson.group.pupils, key=lambda name: share(lesson.group.name, name))
    start = lesson.ordinal * 5 + shift
    turn = [order[(start + n) % len(order)] for n in range(min(count, len(order)))]
    present = set(lesson.present)
    return [name for name in turn if name in present]


def _grade(life: Life, lesson: Lesson) -> int:
    return lesson.group.grade or life.district.grades.get(next(iter(lesson.group.pupils)), 0)


def work_id(lesson: Lesson, kind: str) -> UUID:
    return uuid5(NAMESPACE, f"work/{lesson.lane}/{kind}")


def _taught(life: Life, school: School, lesson: Lesson, made: Sequence[Work]) -> Iterator[Command]:
    group = life.id("classes", lesson.group.name)
    early = roll(lesson.lane, "hand")  # some write at the beginning of a lesson, some at its end
    entries = [_entry(life, lesson, name, said) for name, said in lesson.missing.items()]
    path = f"/rolls/{group}/{lesson.path}"
    yield _command(lesson, lesson.starts + 2 + 4 * early, "roll", "PUT", "attendance", path, {"entries": entries})
    topic = subject_of(lesson.group.subjects).topic(lesson.ordinal, _grade(life, lesson))
    path = f"/lessons/{group}/{lesson.path}/topic"
    yield _command(lesson, lesson.starts + 8 + 9 * early, "topic", "PUT", "lessons", path, {"topic": topic})
    for work in made:
        number = work_id(lesson, work.kind)
        at = lesson.ends - 12 + 15 * early + 3 * (work.kind == "homework")
        body = {"work_id": str(number), "group_id": group, "on": str(lesson.on), "number": lesson.slot.number,
                "kind": work.kind, "title": work.title or None, "confirmed": True}  # fmt: skip
        opened = _command(lesson, at, "work", "POST", "grades", "/works", body, work.kind)
        yield opened
        given = [_mark(life, school, lesson, work, name, mark) for name, mark in work.marks.items()]
        path = f"/works/{number}/marks"
        yield _command(lesson, at + 1, "marks", "POST", "grades", path, {"marks": given}, work.kind, opened.once)


def _homework(life: Life, school: School, lesson: Lesson, played: date | None) -> Iterator[Command]:
    """Set near the end of the lesson, of one in sixty in the evening. Its text and minutes follow from the lesson."""
    due = next((one for one in _later(school, lesson) if one[0] != played), None)
    if due is None:
        return
    subject, year = subject_of(lesson.group.subjects), _grade(life, lesson)
    tasks = words.TASKS.get(subject.area, ())
    body: dict[str, Any] = {"task": None}
    if tasks and year != 1 and subject.home and roll(lesson.lane, "home") < 0.9:
        n = 3 + lesson.ordinal // 3
        a = 2 + share(lesson.lane, "a") % 80
        task = pick(tasks, lesson.lane, "task").format(n=n, a=a, b=a + 2 + share(lesson.lane, "b") % 6)
        minutes = (10 if year <= 4 else 15) + 5 * (share(lesson.lane, "long") % 3)
        body = {"task": task, "minutes": minutes, "due": {"on": str(due[0]), "number": due[1]}, "confirmed": True}
    late = roll(lesson.lane, "late") < 1 / 60
    at = 1_120 + 120 * roll(lesson.lane, "hour") if late else lesson.ends - 3.0
    path = f"/lessons/{life.id('classes', lesson.group.name)}/{lesson.path}/homework"
    yield _command(lesson, at, "homework", "PUT", "lessons", path, body)


def _remarks(life: Life, lesson: Lesson) -> Iterator[Command]:
    """One in eight lessons a word on somebody's behaviour; an incident waits for the words of who leads the class."""
    if not lesson.present or roll(lesson.lane, "remark") > 1 / 8:
        return
    name, kind = pick(lesson.present, lesson.lane, "whom"), pick(words.KINDS_OF_REMARK, lesson.lane, "what")
    body = {
        "remark_id": str(uuid5(NAMESPACE, f"remark/{lesson.lane}")), "pupil_id": life.id("users", name), "kind": kind,
        "on": str(lesson.on), "group_id": life.id("classes", lesson.group.name), "shown": kind != "incident",
        "text": pick(words.REMARKS[kind], lesson.lane, "words"),
    }  # fmt: skip
    yield _command(lesson, lesson.ends - 2.0, "remark", "POST", "messaging", "/remarks", body)


def _later(school: School, lesson: Lesson) -> Iterator[tuple[date, int]]:
    """Day and number of the group's next lessons, three weeks ahead."""
    for days in range(22):
        on = lesson.on + timedelta(days=days)
        for slot in school.of_group(lesson.group.name, on):
            if (on, slot.number) > (lesson.on, lesson.slot.number):
                yield on, slot.number


def _entry(life: Life, lesson: Lesson, name: str, said: Missing) -> dict[str, Any]:
    """What the teacher knows at the bell."""
    entry: dict[str, Any] = {"pupil_id": life.id("users", name), "state": said.state}
    if _corrected_later(lesson, name, said):
        return entry | {"state": "absent"}
    return entry | {key: value for key, value in (("reason", said.reason), ("minutes", said.minutes)) if value}


def _corrected_later(lesson: Lesson, name: str, said: Missing) -> bool:
    """Illnesses of which the school learns the day after, and latecomers whom the roll had as absent."""
    chance = roll(lesson.group.school, name, lesson.on, "told")
    return (said.first_day and chance < 0.25) or (said.state == "late" and chance < 0.15)


def _mark(life: Life, school: School, lesson: Lesson, work: Work, name: str, mark: int) -> dict[str, str]:
    given = {"pupil_id": life.id("users", name), "value": _first(life, school, lesson, work.kind, name, mark)}
    if roll(lesson.lane, work.kind, name, "comment") < COMMENTED[mark]:
        given["comment"] = pick(words.COMMENTS[mark], lesson.lane, name, "words")
    return given


def _first(life: Life, school: School, lesson: Lesson, kind: str, name: str, mark: int) -> str:
    """What is written at first: of one in a hundred another mark than the right one."""
    wrong = _is_corrected(lesson, kind, name)
    return written(mark - 1 if wrong and mark > 2 else mark + wrong, life.scales.get(school.name, "five"), lesson, name)


def _is_corrected(lesson: Lesson, kind: str, name: str) -> bool:
    return roll(lesson.lane, kind, name, "corrected") < CORRECTED


def written(mark: int, scale: str, lesson: Lesson, name: str) -> str:
    """A mark of the five-point scale in the school's own."""
    if scale == "hundred":
        return str(min(100, 50 + 10 * mark - int(10 * roll(lesson.lane, name, "points"))))
    if scale == "letters":
        return {5: "A", 4: "B", 3: "C", 2: "D"}[mark]
    return str(mark) if scale == "five" else ("pass" if mark > 2 else "fail")


def _corrected(life: Life, school: School, lesson: Lesson) -> Iterator[Command]:
    """What is put right on the school day after the lesson, at some time of that day."""
    group, scale = life.id("classes", lesson.group.name), life.scales.get(school.name, "five")
    for name, said in lesson.missing.items():
        if _corrected_later(lesson, name, said):
            at = 480 + 300 * roll(lesson.lane, name, "when")
            note = words.CERTIFICATE if said.state == "absent" else words.CAME_LATE
            body = {"pupil_id": life.id("users", name), "state": said.state, "reason": said.reason, "note": note,
                    "minutes": said.minutes}  # fmt: skip
            path, needs = f"/rolls/{group}/{lesson.path}/corrections", f"roll/{lesson.lane}/"
            yield _command(lesson, at, "roll-correction", "POST", "attendance", path, body, name, needs)
    for work in works(life, lesson):
        for name, mark in work.marks.items():
            if _is_corrected(lesson, work.kind, name):
                at = 480 + 300 * roll(lesson.lane, name, "when")
                body = {"pupil_id": life.id("users", name), "value": written(mark, scale, lesson, name),
                        "reason": pick(words.CORRECTIONS, lesson.lane, name)}  # fmt: skip
                path, needs = f"/works/{work_id(lesson, work.kind)}/corrections", f"marks/{lesson.lane}/{work.kind}"
                more = f"{work.kind}/{name}"
                yield _command(lesson, at, "mark-correction", "POST", "grades", path, body, more, needs)


def _command(
    lesson: Lesson, at: float, kind: str, method: str, service: str, path: str, body: Mapping[str, Any],
    more: str = "", needs: str = "",
) -> Command:  # fmt: skip
    """By the lesson's teacher."""
    once = f"{kind}/{lesson.lane}/{more}"
    return Command(at, lesson.lane, kind, lesson.teacher, method, service, path, body, once, needs)
