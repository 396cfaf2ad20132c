"""A timetable without clashes: every class, half of a class, teacher in one place at a time, no gaps for pupils.

Each class has exactly as many slots as lessons, from the first lesson of its shift on. Lessons are placed one by one,
those of two teachers first; a lesson that fits nowhere is made to fit by exchanging two slots along the chain of all
lessons that share a class or a teacher (Kempe's), which makes no new clash. At last, exchanges of the same kind part
lessons of one subject that stand on one day.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from deploy.demo.district.curriculum import HOME
from deploy.demo.district.plan import Nonsense
from deploy.demo.district.schools import Form
from deploy.demo.district.staff import Teacher

DAY = 16
"""Slots are counted through the week: 16 × day (from 0) + number of the lesson."""
EVICTIONS = 3000
"""How often a lesson may push others out before another beginning is tried."""
BEGINNINGS = 8


@dataclass(frozen=True)
class Lesson:
    """One lesson a week of a class; `rare`: its subject has no more hours than the class has days."""

    id: int
    form: int
    code: str
    teachers: tuple[int, ...]
    rare: bool


Week = list[tuple[Lesson, int]]
"""Lessons and their slots."""


def day_of(slot: int) -> int:
    """1 is Monday."""
    return slot // DAY + 1


def number_of(slot: int) -> int:
    return slot % DAY


def slots(form: Form, lessons: int) -> list[int]:
    """Those a class has when it has so many lessons a week, evenly over the days, the earlier days first.

    Raises Nonsense when the week does not hold them.
    """
    first, last = form.numbers
    if lessons > form.days * (last - first + 1):
        raise Nonsense(f"class {form.title}: the week does not hold {lessons} lessons")
    least, more = divmod(lessons, form.days)
    order = [0, 2, 1, 3, 4, 5]
    longer = set([day for day in order if day < form.days][:more])
    return [DAY * day + first + place for day in range(form.days) for place in range(least + (day in longer))]


def lessons(forms: Sequence[Form], teachers: Sequence[Teacher]) -> list[Lesson]:
    """Halves of a class have theirs together, each with its own teacher."""
    taught: dict[tuple[int, str], tuple[int, list[int]]] = {}
    for place, teacher in enumerate(teachers):
        for task in teacher.tasks:
            for code, hours in task.hours:
                both = taught.setdefault((task.form, code), (hours, []))[1]
                both.insert(0 if task.half == 1 else len(both), place)
        if teacher.home is not None:
            taught[teacher.home, HOME] = (1, [place])
    found: list[Lesson] = []
    for (form, code), (hours, by) in taught.items():
        rare = hours <= forms[form].days
        found += [Lesson(len(found) + n, form, code, tuple(by), rare) for n in range(hours)]
    return found


def timetable(forms: Sequence[Form], teachers: Sequence[Teacher], seed: str) -> Week:
    """Raises Nonsense when the week does not hold the lessons."""
    wanted = lessons(forms, teachers)
    for beginning in range(BEGINNINGS):
        week = _Week(forms, wanted, Random(f"{seed}/{beginning}"))
        if week.fill():
            week.part()
            return [(lesson, slot) for lesson in wanted if (slot := week.slot[lesson.id]) is not None]
    raise Nonsense("no timetable without clashes was found")


class _Week:
    """The state of the search: where each lesson stands, what stands at each slot of a class or teacher."""

    def __init__(self, forms: Sequence[Form], wanted: Sequence[Lesson], rng: Random) -> None:
        self.wanted, self.rng = wanted, rng
        count = Counter(lesson.form for lesson in wanted)
        self.own = [slots(form, count[number]) for number, form in enumerate(forms)]
        self.allowed = [frozenset(own) for own in self.own]
        self.slot: list[int | None] = [None] * len(wanted)
        self.of_form: list[dict[int, Lesson]] = [{} for _ in forms]
        self.of_teacher: dict[int, dict[int, Lesson]] = {t: {} for lesson in wanted for t in lesson.teachers}
        self.daily: Counter[tuple[int, str, int]] = Counter()
        self.load = Counter(t for lesson in wanted for t in lesson.teachers)
        self.forms_of: dict[int, set[int]] = {t: set() for t in self.of_teacher}
        for lesson in wanted:
            for teacher in lesson.teachers:
                self.forms_of[teacher].add(lesson.form)

    def put(self, lesson: Lesson, slot: int) -> None:
        self.slot[lesson.id] = slot
        self.of_form[lesson.form][slot] = lesson
        for teacher in lesson.teachers:
            self.of_teacher[teacher][slot] = lesson
        self.daily[lesson.form, lesson.code, slot // DAY] += 1

    def take(self, lesson: Lesson) -> int:
        slot = self.slot[lesson.id]
        assert slot is not None
        self.slot[lesson.id] = None
        del self.of_form[lesson.form][slot]
        for teacher in lesson.teachers:
            del self.of_teacher[teacher][slot]
        self.daily[lesson.form, lesson.code, slot // DAY] -= 1
        return slot

    def fill(self) -> bool:
        """Place all lessons; False when too many pushes were needed."""
        waiting = sorted(self.wanted, key=self._ease, reverse=True)
        evictions = 0
        while waiting:
            lesson = waiting.pop()
            if lesson.code == HOME:
                self.put(lesson, self.own[lesson.form][0])
            elif not (self._place(lesson) or self._exchange(lesson)):
                if (evictions := evictions + 1) > EVICTIONS:
                    return False
                waiting += self._push_in(lesson)
        return True

    def _ease(self, lesson: Lesson) -> tuple[bool, bool, int, int, str]:
        """The smallest is placed first: the fixed hour, halves, the busiest teachers; those of one class last."""
        only_class = len(self.forms_of[lesson.teachers[0]]) == 1
        loads = sum(self.load[teacher] for teacher in lesson.teachers)
        return lesson.code != HOME, only_class, -len(lesson.teachers), -loads, f"{lesson.form:03}{lesson.code}"

    def _free(self, lesson: Lesson, slot: int) -> bool:
        return all(slot not in self.of_teacher[teacher] for teacher in lesson.teachers)

    def _open(self, lesson: Lesson) -> list[int]:
        held = self.of_form[lesson.form]
        return [slot for slot in self.own[lesson.form] if slot not in held]

    def _place(self, lesson: Lesson) -> bool:
        """At a free slot, if there is one: on the day that has least of the subject, then early in the day."""
        found = [slot for slot in self._open(lesson) if self._free(lesson, slot)]
        if not found:
            return False
        self.put(lesson, min(found, key=lambda slot: (self._already(lesson, slot), self.rng.random())))
        return True

    def _already(self, lesson: Lesson, slot: int) -> int:
        return self.daily[lesson.form, lesson.code, slot // DAY]

    def _exchange(self, lesson: Lesson) -> bool:
        """Make room at a free slot of the class by exchanging it with another slot for whoever is in the way."""
        every = self.own[lesson.form]
        for slot in self._open(lesson):
            for other in every:
                if slot != other and (self._clear(lesson, slot, other) or self._clear(lesson, other, slot)):
                    return True
        return False

    def _clear(self, lesson: Lesson, slot: int, other: int) -> bool:
        """Exchange what is in the lesson's way at `slot` with `other`, if that leaves it free, and put the lesson."""
        ways = [self.of_form[lesson.form], *(self.of_teacher[teacher] for teacher in lesson.teachers)]
        chain = self._chain((way[slot] for way in ways if slot in way), slot, other)
        if chain is None:
            return False
        if any(other in way and way[other].id in chain for way in ways):
            return False
        self._swap(chain.values(), slot, other)
        self.put(lesson, slot)
        return True

    def _chain(self, starts: Iterable[Lesson], slot: int, other: int) -> dict[int, Lesson] | None:
        """All lessons at the two slots that must move together with the first ones; None when one of them may not."""
        chain: dict[int, Lesson] = {}
        ahead = list(starts)
        while ahead:
            lesson = ahead.pop()
            if lesson.id in chain:
                continue
            to = other if self.slot[lesson.id] == slot else slot
            if lesson.code == HOME or to not in self.allowed[lesson.form]:
                return None
            chain[lesson.id] = lesson
            ahead += [way[to] for way in self._ways(lesson) if to in way]
        return chain

    def _ways(self, lesson: Lesson) -> Iterator[dict[int, Lesson]]:
        yield self.of_form[lesson.form]
        for teacher in lesson.teachers:
            yield self.of_teacher[teacher]

    def _swap(self, chain: Iterable[Lesson], slot: int, other: int) -> None:
        moved = [(lesson, self.take(lesson)) for lesson in chain]
        for lesson, at in moved:
            self.put(lesson, other if at == slot else slot)

    def _push_in(self, lesson: Lesson) -> list[Lesson]:
        """Put the lesson at some slot and return those that had to leave."""
        fixed = self.own[lesson.form][0]
        slot = self.rng.choice(
            [one for one in self.own[lesson.form] if one != fixed and not self._at_home(lesson, one)]
        )
        left = list({way[slot].id: way[slot] for way in self._ways(lesson) if slot in way}.values())
        for one in left:
            self.take(one)
        self.put(lesson, slot)
        return left

    def _at_home(self, lesson: Lesson, slot: int) -> bool:
        return any(slot in way and way[slot].code == HOME for way in self._ways(lesson))

    def part(self) -> None:
        """Part lessons of one subject on one day, where an exchange leaves fewer such days than before."""
        for lesson in self.wanted:
            slot = self.slot[lesson.id]
            if slot is None or not lesson.rare or lesson.code == HOME or self._already(lesson, slot) < 2:
                continue
            for other in self.own[lesson.form]:
                if not self._already(lesson, other) and self._better(lesson, slot, other):
                    break

    def _better(self, lesson: Lesson, slot: int, other: int) -> bool:
        chain = self._chain([lesson], slot, other)
        if chain is None:
            return False
        before = self._doubled(chain.values(), slot, other)
        self._swap(chain.values(), slot, other)
        if self._doubled(chain.values(), slot, other) < before:
            return True
        self._swap(chain.values(), slot, other)
        return False

    def _doubled(self, chain: Iterable[Lesson], *slots: int) -> int:
        days = {slot // DAY for slot in slots}
        subjects = {(lesson.form, lesson.code) for lesson in chain if lesson.rare}
        return sum(max(0, self.daily[form, code, day] - 1) for form, code in subjects for day in days)
