"""What is taught in which year, hours a week: close to the federal curriculum, within its limits.

Lyceums teach more mathematics, gymnasiums more languages, six days a week from the fifth year on; the last two years
have profiles.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["school", "gymnasium", "lyceum"]
Pool = Literal["primary", "russian", "exact", "languages", "history", "nature", "arts", "sport"]

GRADES = range(1, 12)
PRIMARY = range(1, 5)
LIMITS = {5: (21, 23, 23, 23, 29, 30, 32, 33, 33, 34, 34), 6: (21, 23, 23, 23, 32, 33, 35, 36, 36, 37, 37)}
"""Most hours a week a year may have, by days a week."""


@dataclass(frozen=True)
class Subject:
    """`pool`: whose teachers teach it from the fifth year on; `halved`: in two groups of half a class at once.

    `with_class_teacher`: in the first four years by the teacher who has the class.
    """

    code: str
    title: str
    pool: Pool
    hours: tuple[int, ...]
    since: int = 1
    halved: bool = False
    with_class_teacher: bool = False

    def hours_of(self, grade: int) -> int:
        place = grade - self.since
        return self.hours[place] if 0 <= place < len(self.hours) else 0


SUBJECTS = (
    Subject("rus", "Русский язык", "russian", (5, 5, 5, 5, 5, 6, 4, 3, 3, 2, 2), with_class_teacher=True),
    Subject("cht", "Литературное чтение", "primary", (4, 4, 4, 4), with_class_teacher=True),
    Subject("lit", "Литература", "russian", (3, 3, 2, 2, 3, 3, 3), 5),
    Subject("eng", "Английский язык", "languages", (2, 2, 2, 3, 3, 3, 3, 3, 3, 3), 2, halved=True),
    Subject("deu", "Немецкий язык", "languages", ()),
    Subject("mat", "Математика", "exact", (4, 4, 4, 4, 5, 5), with_class_teacher=True),
    Subject("alg", "Алгебра", "exact", (3, 3, 3, 3, 3), 7),
    Subject("geom", "Геометрия", "exact", (2, 2, 2, 2, 2), 7),
    Subject("ver", "Вероятность и статистика", "exact", (1, 1, 1, 1, 1), 7),
    Subject("inf", "Информатика", "exact", (1, 1, 1, 1, 1), 7, halved=True),
    Subject("okr", "Окружающий мир", "primary", (2, 2, 2, 2), with_class_teacher=True),
    Subject("orkse", "Основы религиозных культур и светской этики", "primary", (1,), 4, with_class_teacher=True),
    Subject("ist", "История", "history", (3, 3, 3, 2, 2, 2, 2), 5),
    Subject("obsh", "Обществознание", "history", (1, 1, 2, 2), 8),
    Subject("proekt", "Индивидуальный проект", "history", (1,), 10),
    Subject("geo", "География", "nature", (1, 1, 2, 2, 2, 1, 1), 5),
    Subject("bio", "Биология", "nature", (1, 1, 1, 2, 2, 1, 1), 5),
    Subject("him", "Химия", "nature", (2, 2, 1, 1), 8),
    Subject("fiz", "Физика", "exact", (2, 2, 3, 2, 2), 7),
    Subject("muz", "Музыка", "arts", (1, 1, 1, 1, 1, 1, 1, 1)),
    Subject("izo", "Изобразительное искусство", "arts", (1, 1, 1, 1, 1, 1, 1), with_class_teacher=True),
    Subject("trud", "Труд (технология)", "arts", (1, 1, 1, 1, 2, 2, 2, 1, 1), with_class_teacher=True),
    Subject("fizra", "Физическая культура", "sport", (3, 3, 3, 2, 3, 3, 3, 3, 2, 3, 3)),
    Subject("obzr", "Основы безопасности и защиты Родины", "sport", (1, 1, 1, 1), 8),
)
BY_CODE = {subject.code: subject for subject in SUBJECTS}
HOME = "klass"
"""The hour of the class teacher, the first lesson of Monday; it does not count among the curriculum's hours."""
TITLES = {HOME: "Классный час", **{subject.code: subject.title for subject in SUBJECTS}}
"""By code, in the order of a school report."""

PROFILES: tuple[dict[str, int], ...] = (
    {"alg": 1, "geom": 1, "fiz": 3},
    {"him": 2, "bio": 2, "alg": 1},
    {"obsh": 2, "ist": 2, "lit": 1},
    {"alg": 1, "rus": 1},
)
"""Hours more in the last two years: technology, natural sciences, humanities, universal."""

LYCEUM = {
    5: {"mat": 1, "inf": 1}, 6: {"mat": 1, "inf": 1},
    7: {"alg": 1, "fiz": 1, "inf": 1}, 8: {"alg": 1, "fiz": 1, "inf": 1}, 9: {"alg": 1, "fiz": 1, "inf": 1},
    10: {"inf": 1}, 11: {"inf": 1},
}  # fmt: skip
GYMNASIUM = {
    5: {"deu": 2}, 6: {"deu": 2}, 7: {"deu": 2}, 8: {"deu": 2}, 9: {"deu": 2}, 10: {"eng": 2}, 11: {"eng": 2},
}  # fmt: skip
MORE: dict[Kind, dict[int, dict[str, int]]] = {"school": {}, "lyceum": LYCEUM, "gymnasium": GYMNASIUM}


def days(kind: Kind, grade: int) -> int:
    """School days a week."""
    return 5 if kind == "school" or grade in PRIMARY else 6


def hours(kind: Kind, grade: int, letter: int) -> dict[str, int]:
    """Hours a week by subject's code, of the class with the letter (0 is А), without the class teacher's hour."""
    more = dict(MORE[kind].get(grade, {}))
    if grade >= 10:
        for code, extra in PROFILES[letter % len(PROFILES)].items():
            more[code] = more.get(code, 0) + extra
    whole = {subject.code: subject.hours_of(grade) + more.get(subject.code, 0) for subject in SUBJECTS}
    return {code: count for code, count in whole.items() if count}


def taught(grade: int) -> list[str]:
    """Codes of all that some school teaches in a year, the class teacher's hour first."""
    found = {code for kind in MORE for letter in range(len(PROFILES)) for code in hours(kind, grade, letter)}
    return [code for code in TITLES if code == HOME or code in found]
