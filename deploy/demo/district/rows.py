"""One school after another as rows of the files."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from random import Random

from deploy.demo.district import curriculum
from deploy.demo.district.bundle import Cells, Files
from deploy.demo.district.calendar import SchoolYear
from deploy.demo.district.curriculum import GRADES, HOME, TITLES
from deploy.demo.district.people import Adults, Pupil, people
from deploy.demo.district.plan import DISTRICT, Counts, Plan
from deploy.demo.district.schedule import day_of, number_of, timetable
from deploy.demo.district.schools import Form, School, bells, forms, school
from deploy.demo.district.staff import Teacher, grown_up, staff

DISTRICT_NAME = "Управление образования города Заречья"
OFFICER = "o1"
MAIL = "zarechye.example"


@dataclass(frozen=True)
class Group:
    """A class of OneRoster: a subject of a class or of a half of it, or the class itself (HOME)."""

    id: str
    title: str
    code: str
    form: int
    half: int
    teacher: Teacher

    @property
    def room(self) -> str:
        return self.teacher.gym if self.code == "fizra" else self.teacher.room


def year_id(plan: Plan) -> str:
    return f"y{plan.year}"


def head(index: int) -> str:
    """sourcedId of the head of the school."""
    return f"h{index}"


def district(files: Files, plan: Plan, year: SchoolYear) -> None:
    """What is the district's: itself, its officer, the year, the courses."""
    files.add("orgs", [(DISTRICT, DISTRICT_NAME, "district", DISTRICT)])
    known = (year_id(plan), year.title, "schoolYear", year.first, year.last, "", plan.year + 1)
    quarters = [
        (f"{year_id(plan)}.{place}", span.title, "term", span.starts, span.ends, year_id(plan), plan.year + 1)
        for place, span in enumerate(year.quarters, 1)
    ]
    files.add("academicSessions", [known, *quarters])
    files.add("courses", _courses(plan))
    officer = grown_up(Random(f"{plan.seed}/officer"), "female")
    files.add("users", [_user(OFFICER, officer, f"{OFFICER}@{MAIL}", org=DISTRICT)])
    files.add("roles", [_role(OFFICER, "districtAdministrator", DISTRICT)])


def _courses(plan: Plan) -> Iterator[Cells]:
    for grade in GRADES:
        for code in curriculum.taught(grade):
            course, title = f"{code}-{grade}", TITLES[code]
            yield course, year_id(plan), title, course, grade, DISTRICT, title


def place(files: Files, plan: Plan, index: int, year: SchoolYear) -> Counts:
    """Write a school down whole."""
    here = school(plan, index)
    classes = forms(here)
    teachers = staff(plan, here, classes)
    pupils, adults = people(plan, here, classes)
    found = groups(classes, teachers)
    files.add("orgs", [(here.id, here.name, "school", here.number, DISTRICT)])
    files.add("classes", (_class(plan, here, classes[group.form], group) for group in found))
    files.add("enrollments", _enrolments(here, found, pupils))
    _staff(files, plan, here, teachers)
    _pupils(files, here, classes, pupils)
    parents = _adults(files, adults)
    files.write("bells", ((here.id, bell.number, bell.starts, bell.ends) for bell in bells(here)))
    files.write("holidays", ((here.id, span.starts, span.ends, span.title) for span in year.holidays))
    lessons = files.write("timetable", _lessons(plan, here, classes, teachers, found, year))
    return Counts(1, sum(map(len, pupils)), parents, len(teachers), len(classes), len(found), lessons)


def added(one: Counts, other: Counts) -> Counts:
    return Counts(*(getattr(one, field.name) + getattr(other, field.name) for field in fields(Counts)))


def groups(classes: Sequence[Form], teachers: Sequence[Teacher]) -> list[Group]:
    """All of a school, class by class, the class itself first."""
    found = []
    for teacher in teachers:
        for task in teacher.tasks:
            form, half = classes[task.form], task.half
            for code, _ in task.hours:
                subject = TITLES[code][0].lower() + TITLES[code][1:]
                title = f"{form.title} {subject}" + (f", группа {half}" if half else "")
                id = f"{form.id}.{code}" + (f".{half}" if half else "")
                found.append(Group(id, title, code, task.form, half, teacher))
        if teacher.home is not None:
            form = classes[teacher.home]
            found.append(Group(form.id, f"{form.title} класс", HOME, teacher.home, 0, teacher))
    order = list(TITLES)
    return sorted(found, key=lambda group: (group.form, order.index(group.code), group.half))


def _class(plan: Plan, here: School, form: Form, group: Group) -> Cells:
    kind = "homeroom" if group.code == HOME else "scheduled"
    course = f"{group.code}-{form.grade}"
    return (
        group.id, group.title, form.grade, course, "", kind, group.room, here.id, year_id(plan), TITLES[group.code],
    )  # fmt: skip


def _enrolments(here: School, found: Sequence[Group], pupils: Sequence[Sequence[Pupil]]) -> Iterator[Cells]:
    count = 0
    for group in found:
        whole = pupils[group.form]
        middle = (len(whole) + 1) // 2
        members = (whole, whole[:middle], whole[middle:])[group.half]
        count += 1
        yield f"e{here.index}.{count}", group.id, here.id, group.teacher.id, "teacher", "true"
        for pupil in members:
            count += 1
            yield f"e{here.index}.{count}", group.id, here.id, pupil.id, "student"


Name = tuple[str, str, str]


def _user(id: str, name: Name, email: str = "", agents: str = "", grade: object = "", org: str = "") -> Cells:
    """`name`: surname, given name, patronymic."""
    return id, "true", id, "", name[1], name[0], name[2], "", email, "", "", agents, grade, *[""] * 6, org


def _role(user: str, role: str, org: str, further: int = 0) -> Cells:
    """`further`: which of the person's other roles it is."""
    id = f"r{user}" + (f"-{further}" if further else "")
    return id, user, "secondary" if further else "primary", role, "", "", org


def _staff(files: Files, plan: Plan, here: School, teachers: Sequence[Teacher]) -> None:
    """Teachers, the head, the deputy who runs the timetable."""
    rng = Random(f"{plan.seed}/{here.index}/office")
    office = {head(here.index): "principal", f"{head(here.index)}.2": "siteAdministrator"}
    for id in office:
        name = grown_up(rng, "male" if rng.random() < 0.3 else "female")
        files.add("users", [_user(id, name, f"{id}@{here.id}.{MAIL}", org=here.id)])
    files.add("roles", (_role(id, role, here.id) for id, role in office.items()))
    files.add("users", (_user(t.id, t.name, f"{t.id}@{here.id}.{MAIL}", org=here.id) for t in teachers))
    files.add("roles", (_role(t.id, "teacher", here.id) for t in teachers))


def _pupils(files: Files, here: School, classes: Sequence[Form], pupils: Sequence[Sequence[Pupil]]) -> None:
    for form, members in zip(classes, pupils, strict=True):
        files.add(
            "users",
            (
                _user(p.id, (p.surname, p.given, p.patronymic), "", ",".join(p.adults), form.grade, here.id)
                for p in members
            ),
        )
        files.add("roles", (_role(p.id, "student", here.id) for p in members))
        files.add("demographics", ((p.id, p.born, p.sex) for p in members))


def _adults(files: Files, adults: Sequence[Adults]) -> int:
    for family in adults:
        for one in family.adults:
            name = one.surname, one.given, one.patronymic
            files.add("users", [_user(one.id, name, f"{one.id}@mail.{MAIL}", org=f"s{family.schools[0]}")])
            roles = (_role(one.id, one.role, f"s{index}", n) for n, index in enumerate(family.schools))
            files.add("roles", roles)
    return sum(len(family.adults) for family in adults)


def _lessons(
    plan: Plan,
    here: School,
    classes: Sequence[Form],
    teachers: Sequence[Teacher],
    found: Sequence[Group],
    year: SchoolYear,
) -> Iterator[Cells]:
    by: dict[tuple[int, str], list[Group]] = {}
    for group in found:
        by.setdefault((group.form, group.code), []).append(group)
    week = timetable(classes, teachers, f"{plan.seed}/{here.index}/timetable")
    for lesson, slot in sorted(week, key=lambda pair: (pair[0].form, pair[1])):
        for group in by[lesson.form, lesson.code]:
            yield group.id, day_of(slot), number_of(slot), group.room, year.first, year.last
