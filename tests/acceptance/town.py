"""A little district of a test's own, imported over HTTP: it may be changed and broken without harm to others.

Monday to Friday 7A has mathematics in the first lesson and 7B in the second, both have Russian in the third; by the
five-point scale, all year.
"""

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from deploy.demo.imports import when_known
from deploy.demo.people import PASSWORD, Visitor
from shared.contracts.roster import derived_id
from tests.acceptance.people import Person, sign_in

if TYPE_CHECKING:
    from tests.acceptance.conftest import Diary

Files = Mapping[str, str | bytes]

ZIP = "application/zip"
FILES: dict[str, str] = {
    "manifest.csv": """propertyName,value
manifest.version,1.0
oneroster.version,1.2
file.academicSessions,bulk
file.classes,bulk
file.courses,bulk
file.enrollments,bulk
file.orgs,bulk
file.roles,bulk
file.users,bulk
""",
    "orgs.csv": """sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId
{D},,,Город {D},district,1,
S,,,Школа № 1,school,11,{D}
""",
    "academicSessions.csv": """sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear
Y,,,2021-2022,schoolYear,2021-09-01,2022-05-31,,2022
T1,,,I полугодие,term,2021-09-01,2021-12-28,Y,2022
T2,,,II полугодие,term,2022-01-10,2022-05-31,Y,2022
""",
    "courses.csv": """sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,\
subjects,subjectCodes
MAT,,,Y,Математика,MAT-7,,S,,
RUS,,,Y,Русский язык,RUS-7,,S,,
""",
    "classes.csv": """sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,\
schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods
7A,,,7А математика,,MAT,,scheduled,12,S,Y,,,
7B,,,7Б математика,,MAT,,scheduled,14,S,Y,,,
7R,,,7-е классы русский язык,,RUS,,scheduled,16,S,Y,,,
""",
    "users.csv": """sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,\
identifier,email,sms,phone,agentSourcedIds,grades,password
anna,,,true,anna,,Анна,Петрова,Ивановна,901,,,,,,
oleg,,,true,oleg,,Олег,Сидоров,,902,,,,,,
petya,,,true,petya,,Пётр,Ёлкин,Олегович,101,,,,olga,7,
vera,,,true,vera,,Вера,Жукова,,102,,,,nina,7,
olga,,,true,olga,,Ольга,Ёлкина,,801,,,,petya,,
nina,,,true,nina,,Нина,Жукова,,803,,,,vera,,
inna,,,true,inna,,Инна,Директорова,,701,,,,,,
lev,,,true,lev,,Лев,Окружной,,702,,,,,,
""",
    "roles.csv": """sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,\
userProfileSourcedId
r1,,,anna,primary,teacher,,,S,
r2,,,oleg,primary,teacher,,,S,
r3,,,petya,primary,student,,,S,
r4,,,vera,primary,student,,,S,
r5,,,olga,primary,parent,,,S,
r6,,,nina,primary,parent,,,S,
r7,,,inna,primary,principal,,,S,
r8,,,lev,primary,districtAdministrator,,,{D},
""",
    "enrollments.csv": """sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,\
beginDate,endDate
e1,,,7A,S,anna,teacher,true,,
e2,,,7B,S,oleg,teacher,true,,
e3,,,7A,S,petya,student,false,2021-09-01,2022-05-31
e4,,,7B,S,vera,student,false,2021-09-01,2022-05-31
e5,,,7R,S,oleg,teacher,true,,
e6,,,7R,S,petya,student,false,,
e7,,,7R,S,vera,student,false,,
""",
}
LESSON_OF = {"7A": 1, "7B": 2, "7R": 3, "5V": 1}
BELLS = "schoolSourcedId,lesson,start,end\nS,1,08:30,09:15\nS,2,09:25,10:10\nS,3,10:25,11:10\n"
TIMETABLE = "classSourcedId,weekday,lesson,room,beginDate,endDate\n" + "".join(
    f"{group},{weekday},{lesson},{room},2021-09-01,2022-05-31\n"
    for group, lesson, room in (("7A", 1, "12"), ("7B", 2, "14"), ("7R", 3, "16"))
    for weekday in range(1, 6)
)


def with_pupils(files: Files, group: str, ids: Iterable[str]) -> dict[str, str | bytes]:
    """The bundle with more pupils of the seventh year in a group."""
    found = dict(files)
    for id_ in ids:
        for name, line in (
            ("users.csv", f"{id_},,,true,{id_},,Ученик,Я{id_},,2{id_[1:]},,,,,7,\n"),
            ("roles.csv", f"r{id_},,,{id_},primary,student,,,S,\n"),
            ("enrollments.csv", f"e{id_},,,{group},S,{id_},student,false,,\n"),
        ):
            found[name] = f"{found[name]!s}{line}"
    return found


def packed(files: Files) -> bytes:
    """A zip of these files."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


@dataclass(frozen=True)
class Town:
    """`name` is the district's sourcedId, new for every town."""

    diary: "Diary"
    name: str = field(default_factory=lambda: f"town-{uuid4().hex[:8]}")

    def files(self, file: str = "", *changes: tuple[str, str]) -> dict[str, str | bytes]:
        """The bundle's files, in one of them words replaced."""
        found = {name: text.replace("{D}", self.name) for name, text in FILES.items()}
        for old, new in changes:
            assert old in found[file]
            found[file] = found[file].replace(old, new)
        return dict(found)

    def group(self, source_id: str) -> UUID:
        return derived_id(self.name, "classes", source_id)

    def person(self, source_id: str) -> UUID:
        return derived_id(self.name, "users", source_id)

    @property
    def school(self) -> UUID:
        return derived_id(self.name, "orgs", "S")

    def imported(self, files: Files) -> dict[str, Any]:
        """The report of an import by the operator, in which nothing was wrong."""
        parts = {"file": ("bundle.zip", packed(files), ZIP)}
        report: dict[str, Any] = self.diary.operator.upload(
            "roster", "/imports", parts, str(uuid4()), time_zone="Europe/Moscow"
        )
        assert report["errors"] == [], report["errors"]
        return report

    def upload(self, by: Person, files: Files | bytes, language: str = "ru", **query: str) -> dict[str, Any]:
        """The report of an import through the portal, whatever it says."""
        content = files if isinstance(files, bytes) else packed(files)
        headers = {"Idempotency-Key": str(uuid4()), "X-Diary": "1", "Origin": by.url, "Accept-Language": language}
        parts = {"file": ("bundle.zip", content, ZIP)}
        address = f"{by.url}/api/roster/imports"
        answer = by.http.post(address, files=parts, headers=headers, params={"time_zone": "Europe/Moscow", **query})
        report: dict[str, Any] = answer.raise_for_status().json()
        return report

    def scheduled(self, timetable: str = TIMETABLE, bells: str = BELLS) -> dict[str, Any]:
        """Bells and timetable are imported, as soon as lessons knows the school."""
        texts = {"timetable": timetable, "bells": bells}
        files = {name: (f"{name}.csv", text.encode(), "text/csv") for name, text in texts.items()}

        def imported() -> dict[str, Any]:
            report: dict[str, Any] = self.diary.operator.upload(
                "lessons", "/imports", files, str(uuid4()), district=self.name
            )
            return report

        report = imported()
        while report["errors"]:
            assert {e["code"] for e in report["errors"]} <= {"lessons.unknown-class", "lessons.unknown-school"}
            report = imported()
        return report

    def open_work(self, teacher: Person, on: date, group: str = "7A", kind: str = "lesson", **more: object) -> UUID:
        """A column of a lesson of 7A (or 7B); there may be others of its kind."""
        work = uuid4()
        place = {"group_id": str(self.group(group)), "on": on.isoformat(), "number": LESSON_OF[group]}
        body = {"work_id": str(work), **place, "kind": kind, "confirmed": True, **more}
        teacher.did("POST", "grades", "/works", body)
        return work

    def give(self, teacher: Person, on: date, value: str, group: str = "7A", weight: str | None = None) -> UUID:
        """A new column with one mark in it, Petya's."""
        work = self.open_work(teacher, on, group, weight=weight)
        given = {"marks": [{"pupil_id": str(self.person("petya")), "value": value}]}
        teacher.did("POST", "grades", f"/works/{work}/marks", given)
        return work

    def roll(self, on: date, group: str = "7A") -> str:
        """The path of a lesson's roll."""
        return f"/rolls/{self.group(group)}/{on}/{LESSON_OF[group]}"

    @contextmanager
    def signed_in(self, source_id: str) -> Iterator[Person]:
        """One of the people; his account is made the first time."""
        with signed_in(self.diary, self.person(source_id), f"{source_id}.{self.name}") as person:
            yield person


@contextmanager
def signed_in(diary: "Diary", person: UUID, login: str) -> Iterator[Person]:
    """Anybody of the roster, with an account made for this."""
    body = {"person_id": str(person), "login": login, "password": PASSWORD, "demo": True}
    when_known(lambda: diary.operator.command("POST", "identity", "/accounts", body, f"account of {login}"))
    with sign_in(diary.url, Visitor("", login, "")) as found:
        assert found.person_id == person
        yield found


def founded(diary: "Diary") -> Town:
    """A new town with its timetable."""
    town = Town(diary)
    town.imported(town.files())
    town.scheduled()
    return town


def inhabitant(source_id: str) -> Any:
    """A module's fixture: one of the people of its `place`, signed in."""

    @pytest.fixture(scope="module")
    def person(place: Town) -> Iterator[Person]:
        with place.signed_in(source_id) as found:
            yield found

    return person


def differences(report: dict[str, Any]) -> dict[str, dict[str, int]]:
    """What an import changes, without the noughts."""
    kinds = {kind: {how: n for how, n in counted.items() if n} for kind, counted in report["differences"].items()}
    return {kind: counted for kind, counted in kinds.items() if counted}
