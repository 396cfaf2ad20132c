"""The week of a class, a teacher, a pupil or a school, for those who may see it."""

from datetime import date
from typing import Any
from uuid import UUID

from services.lessons import views
from shared import access, timetable
from shared.clock import Calendar
from shared.contracts.timetable import Lesson
from shared.errors import NotFound
from shared.postgres import Conn
from shared.web.auth import Caller


def week(conn: Conn, by: Caller, calendar: Calendar, kind: str, id_: UUID, first: date, last: date) -> dict[str, Any]:
    """Lessons, holidays and what the days are by the timetable, from the first to the last day.

    `kind`: group, teacher, pupil, school. A class's timetable is seen by everyone who has to do with its school; a
    teacher's and a school's by the staff of it (a teacher's by himself anyway); a pupil's by those who may see the
    pupil. Raises NotFound.
    """
    lessons, schools = READ[kind](conn, by, calendar, id_, first, last)
    days = [beat for school in sorted(schools) for beat in timetable.rhythm(conn, school, first, last)]
    return {
        "lessons": views.shown(conn, lessons),
        "holidays": views.holidays(conn, schools, first, last),
        "days": days,
    }


Found = tuple[list[Lesson], set[UUID]]


def _group(conn: Conn, by: Caller, calendar: Calendar, group: UUID, first: date, last: date) -> Found:
    school = access.school_of_group(conn, group)  # in the caller's scope or not at all
    if school is None:
        raise NotFound()
    return views.of_group(conn, group, first, last), {school}


def _teacher(conn: Conn, by: Caller, calendar: Calendar, teacher: UUID, first: date, last: date) -> Found:
    schools = views.schools_of_person(conn, teacher)
    if teacher != by.person_id:
        schools = {school for school in schools if _staff_of(conn, by, calendar, school)}
    if not schools:
        raise NotFound()
    return views.of_teacher(conn, teacher, first, last), schools


def _pupil(conn: Conn, by: Caller, calendar: Calendar, pupil: UUID, first: date, last: date) -> Found:
    schools = views.schools_of_person(conn, pupil)
    zone = next((access.zone_of(conn, school) for school in sorted(schools)), "UTC")
    if not access.may_see_pupil(conn, by.person_id, pupil, calendar.today(zone)):
        raise NotFound()
    return views.of_pupil(conn, pupil, first, last), schools


def _school(conn: Conn, by: Caller, calendar: Calendar, school: UUID, first: date, last: date) -> Found:
    if school not in by.scope or not _staff_of(conn, by, calendar, school):
        raise NotFound()
    return views.of_school(conn, school, first, last), {school}


def _staff_of(conn: Conn, by: Caller, calendar: Calendar, school: UUID) -> bool:
    """Whether he works at this very school: a teacher elsewhere whose child learns here is a parent here."""
    if school in by.schools_as("teacher"):
        return True
    return access.may_see_school(conn, by.person_id, school, calendar.today(access.zone_of(conn, school)))


READ = {"group": _group, "teacher": _teacher, "pupil": _pupil, "school": _school}
