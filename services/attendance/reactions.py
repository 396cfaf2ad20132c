"""What attendance learns of others: who may do what (shared.access) and which lessons exist (shared.timetable)."""

from shared import access, timetable
from shared.stream import Projection

LESSONS = Projection(
    name="attendance.lessons.1",
    topics=("diary.lessons",),
    apply=timetable.apply,
    handles=timetable.HANDLES,
    leaves=timetable.LEAVES,
    tables=timetable.TABLES,
)

PROJECTIONS = (access.projection("attendance"), LESSONS)
