"""Who teaches what: every hour of the curriculum gets a teacher, every teacher 16 to 27 hours a week.

A teacher of the first four years has one class; from the fifth on the hours of kindred subjects are shared among the
teachers of their pool. Every class has a class teacher of its own, and nobody has two classes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from random import Random

from deploy.demo.district import names
from deploy.demo.district.curriculum import BY_CODE, PRIMARY, SUBJECTS, Pool, hours
from deploy.demo.district.names import Sex, patronymic, surname
from deploy.demo.district.plan import Nonsense, Plan
from deploy.demo.district.schools import Form, School, room

LEAST, MOST = 16, 26
"""Hours of a teacher a week, without the hour of a class teacher, which is one more."""
USUAL = 22
MEN: dict[Pool, float] = {"sport": 0.6, "exact": 0.25, "history": 0.25, "arts": 0.3, "primary": 0.01}
POOLS: tuple[Pool, ...] = ("russian", "exact", "languages", "history", "nature", "arts", "sport")
TOGETHER = (("rus", "lit"), ("mat", "alg", "geom", "ver"), ("ist", "obsh"))
"""Subjects that one teacher teaches a class."""
FIRST_HOME = "7А"
"""Its class teacher is chosen first: the demo's."""


@dataclass(frozen=True)
class Task:
    """What one teacher teaches one class, or a half of it (1, 2; 0 is the whole)."""

    form: int
    half: int
    hours: tuple[tuple[str, int], ...]

    @property
    def load(self) -> int:
        return sum(count for _, count in self.hours)


@dataclass
class Teacher:
    """`home`: the class whose class teacher he is, by its place among the school's; `gym` is for sport."""

    id: str
    pool: Pool
    tasks: list[Task] = field(default_factory=list)
    room: str = ""
    gym: str = ""
    home: int | None = None
    sex: Sex = "female"
    name: tuple[str, str, str] = ("", "", "")

    @property
    def load(self) -> int:
        """Hours a week, with that of a class teacher."""
        return sum(task.load for task in self.tasks) + (self.home is not None)


def staff(plan: Plan, place: School, forms: Sequence[Form]) -> list[Teacher]:
    """All teachers of a school. Raises Nonsense when the hours cannot be shared out."""
    taught = [hours(place.kind, form.grade, form.letter) for form in forms]
    teachers = [_of_class(number, taught[number]) for number, form in enumerate(forms) if form.grade in PRIMARY]
    for pool in POOLS:
        teachers += _share(pool, _tasks(pool, forms, taught))
    for number, teacher in enumerate(teachers):
        teacher.id = f"t{place.index}.{number + 1}"
    _homes(forms, teachers)
    _rooms(forms, teachers)
    rng = Random(f"{plan.seed}/{place.index}/staff")
    for teacher in teachers:
        teacher.sex = "male" if rng.random() < MEN.get(teacher.pool, 0.08) else "female"
        teacher.name = grown_up(rng, teacher.sex)
    return teachers


def grown_up(rng: Random, sex: Sex) -> tuple[str, str, str]:
    """Surname, given name, patronymic of somebody who works at a school."""
    stock = names.stock(rng)
    russian = stock is names.RUSSIAN
    given = names.TEACHERS if russian else stock.mothers
    if sex == "male":
        given = stock.fathers
    father = names.drawn(rng, names.ELDERS if russian else stock.fathers)
    return surname(names.drawn(rng, stock.surnames), sex), names.drawn(rng, given), patronymic(father, sex)


def _of_class(form: int, taught: dict[str, int]) -> Teacher:
    own = tuple((code, count) for code, count in taught.items() if BY_CODE[code].with_class_teacher)
    return Teacher("", "primary", [Task(form, 0, own)], home=form)


def _tasks(pool: Pool, forms: Sequence[Form], taught: Sequence[dict[str, int]]) -> list[Task]:
    """In the order in which neighbours go to one teacher: by subject; first halves far from the second ones.

    А from the youngest to the oldest, then Б: who had one year only could not teach his hours in its few slots.
    """
    firsts, wholes, seconds = [], [], []
    order = sorted(range(len(forms)), key=lambda number: (forms[number].letter, forms[number].grade))
    for codes in _bundles(pool):
        for number in order:
            form = forms[number]
            held = tuple((code, taught[number][code]) for code in codes if code in taught[number])
            if not held or (form.grade in PRIMARY and BY_CODE[codes[0]].with_class_teacher):
                continue
            if BY_CODE[codes[0]].halved:
                firsts.append(Task(number, 1, held))
                seconds.append(Task(number, 2, held))
            else:
                wholes.append(Task(number, 0, held))
    return firsts + wholes + seconds


def _bundles(pool: Pool) -> Iterable[tuple[str, ...]]:
    for subject in SUBJECTS:
        if subject.pool == pool:
            bundle = next((codes for codes in TOGETHER if subject.code in codes), (subject.code,))
            if bundle[0] == subject.code:
                yield bundle


def _share(pool: Pool, tasks: Sequence[Task]) -> list[Teacher]:
    total = sum(task.load for task in tasks)
    count = next((n for n in _counts(total) if LEAST * n <= total <= MOST * n), 0)
    if not count:
        raise Nonsense(f"{total} hours a week of {pool} cannot be shared by teachers of {LEAST} to {MOST} hours")
    teachers = [Teacher("", pool) for _ in range(count)]
    upto = 0.0
    for task in tasks:
        middle = upto + task.load / 2
        teachers[min(count - 1, int(middle * count / total))].tasks.append(task)
        upto += task.load
    _level(teachers)
    return teachers


def _counts(total: int) -> list[int]:
    """Numbers of teachers to try, the most usual load first."""
    return sorted(range(1, total // LEAST + 1), key=lambda n: abs(total / n - USUAL))


def _level(teachers: list[Teacher]) -> None:
    """Tasks change hands until nobody has too much or too little, and nobody both halves of a class at once."""
    for _ in range(200):
        if (trade := _both_halves(teachers) or _uneven(teachers)) is None:
            break
        trade.giver.tasks = [task for task in trade.giver.tasks if task is not trade.given] + list(trade.back)
        trade.taker.tasks = [task for task in trade.taker.tasks if task not in trade.back] + [trade.given]
    if not all(LEAST <= teacher.load <= MOST for teacher in teachers):
        raise Nonsense("the hours of the school cannot be shared out evenly")


@dataclass(frozen=True)
class Trade:
    """A task changes hands, against another one or none."""

    given: Task
    giver: Teacher
    taker: Teacher
    back: tuple[Task, ...] = ()

    @property
    def gain(self) -> int:
        """By how much the two loads come closer, squared; nothing or less: they do not."""
        moved = self.given.load - sum(task.load for task in self.back)
        return (self.giver.load - self.taker.load - moved) * moved


def _both_halves(teachers: list[Teacher]) -> Trade | None:
    for teacher in teachers:
        for task in teacher.tasks:
            if task.half and not _may(teacher, task):
                others = [one for one in teachers if one is not teacher and _may(one, task)]
                if others:
                    return Trade(task, teacher, min(others, key=lambda one: one.load))
    return None


def _uneven(teachers: list[Teacher]) -> Trade | None:
    """The trade that levels most, of the busiest or with the idlest; None when all are within bounds."""
    busiest, idlest = max(teachers, key=lambda one: one.load), min(teachers, key=lambda one: one.load)
    if busiest.load <= MOST and idlest.load >= LEAST:
        return None
    pairs = [(busiest, one) for one in teachers if one is not busiest]
    pairs += [(one, idlest) for one in teachers if one is not idlest]
    trades = [trade for giver, taker in pairs for trade in _trades(giver, taker) if trade.gain > 0]
    return max(trades, key=lambda trade: trade.gain, default=None)


def _trades(giver: Teacher, taker: Teacher) -> Iterable[Trade]:
    for task in giver.tasks:
        if _may(taker, task):
            yield Trade(task, giver, taker)
            yield from (Trade(task, giver, taker, (other,)) for other in taker.tasks if _may(giver, other))


def _may(teacher: Teacher, task: Task) -> bool:
    """Whether he does not teach the other half, or the task itself, already."""
    return not any(
        one.form == task.form and one.half and task.half and one is not task and one.hours[0][0] == task.hours[0][0]
        for one in teacher.tasks
    )


def _homes(forms: Sequence[Form], teachers: list[Teacher]) -> None:
    """Class teachers from the fifth year on: a matching that prefers who teaches the class most."""
    older = [number for number, form in enumerate(forms) if form.grade not in PRIMARY]
    older.sort(key=lambda number: forms[number].title != FIRST_HOME)
    wanted = {number: _who_teaches(number, teachers) for number in older}
    first = wanted[older[0]][0]
    has: dict[int, int] = {}

    def seat(form: int, asked: set[int]) -> bool:
        for place in wanted[form]:
            if place in asked or (place == first and form != older[0]):
                continue
            asked.add(place)
            if place not in has or seat(has[place], asked):
                has[place] = form
                return True
        return False

    for form in older:
        if not seat(form, set()):
            raise Nonsense("there are fewer teachers than classes that need a class teacher")
    for place, form in has.items():
        teachers[place].home = form


def _who_teaches(form: int, teachers: list[Teacher]) -> list[int]:
    taught: dict[int, int] = {}
    for place, teacher in enumerate(teachers):
        for task in teacher.tasks:
            if task.form == form and teacher.pool != "primary":
                taught[place] = taught.get(place, 0) + task.load
    return sorted(taught, key=lambda place: (-taught[place], place))


def _rooms(forms: Sequence[Form], teachers: list[Teacher]) -> None:
    """A room for each teacher; classes of the second shift learn where the first one learnt."""
    early: list[Teacher] = []
    late: list[Teacher] = []
    for teacher in teachers:
        second = teacher.pool == "primary" and forms[teacher.home or 0].numbers[0] > 1
        (late if second else early).append(teacher)
    floors = 3 if len(early) <= 75 else 5
    for place, teacher in enumerate(early):
        teacher.room = room(floors, place)
    for teacher, before in zip(late, early, strict=False):
        teacher.room = before.room
    for place, teacher in enumerate(t for t in teachers if t.pool == "sport"):
        teacher.gym = f"Спортзал {place + 1}"
