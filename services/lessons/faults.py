"""What can be wrong in files of a timetable, bells and holidays, in the words of who sends them."""

from shared.errors import Refused


class TooManyRows(Refused):
    """More than {most} rows in one file: send the schools in several files, each school whole in one of them."""

    code = "lessons.too-many-rows"
    ru = "В файле больше {most} строк: пришлите школы несколькими файлами, каждую школу целиком в одном из них."


class UnknownClass(Refused):
    """The roster has no class «{value}» that you may plan for."""

    code = "lessons.unknown-class"
    ru = "В реестре нет класса «{value}», для которого вы можете составлять расписание."


class UnknownSchool(Refused):
    """The roster has no school «{value}» that you may plan for."""

    code = "lessons.unknown-school"
    ru = "В реестре нет школы «{value}», для которой вы можете составлять расписание."


class UnknownTeacher(Refused):
    """The roster has no teacher «{value}» at this school."""

    code = "lessons.unknown-teacher"
    ru = "В реестре нет учителя «{value}» в этой школе."


class NoOrdinaryBells(Refused):
    """The bells of ordinary days are missing: a file of bells has the school's whole plan."""

    code = "lessons.no-ordinary-bells"
    ru = "Нет звонков обычного дня: в файле звонков должен быть весь план школы."


class WeekdayMissing(Refused):
    """Which weekday it is on must be said."""

    code = "lessons.weekday-missing"
    ru = "Не указан день недели."


class CycleDayMissing(Refused):
    """Which day of the cycle it is on must be said: 1 to {days}."""

    code = "lessons.cycle-day-missing"
    ru = "Не указан день цикла: число от 1 до {days}."


class NoCycle(Refused):
    """The timetable goes by weekdays. For a cycle say at the import how many days it has."""

    code = "lessons.no-cycle"
    ru = "Расписание составлено по дням недели. Для цикла укажите при загрузке, сколько в нём дней."


class TwiceAtOnce(Refused):
    """The class already meets at this time: see line {first}."""

    code = "lessons.twice-at-once"
    ru = "У класса уже есть урок в это время: см. строку {first}."


class BellTwice(Refused):
    """The school's bell plan already has this number: see line {first}."""

    code = "lessons.bell-twice"
    ru = "В расписании звонков школы этот номер уже есть: см. строку {first}."


class BellsOverlap(Refused):
    """The lesson does not begin after the one before it has ended."""

    code = "lessons.bells-overlap"
    ru = "Урок начинается раньше, чем кончился предыдущий."


class BellMissing(Refused):
    """The school's bell plan has no lesson number {number}."""

    code = "lessons.bell-missing"
    ru = "В расписании звонков школы нет урока № {number}."


class TeacherTwice(Refused):
    """One teacher in two places at once: {one} and {other}, weekday {weekday}, lesson {number}."""

    code = "lessons.teacher-twice"
    ru = "Один учитель в двух местах сразу: {one} и {other}, день недели {weekday}, урок № {number}."


class RoomTwice(Refused):
    """The room «{room}» is used twice at once: {one} and {other}, weekday {weekday}, lesson {number}."""

    code = "lessons.room-twice"
    ru = "Кабинет «{room}» занят дважды: {one} и {other}, день недели {weekday}, урок № {number}."


class NoSlots(Refused):
    """The class {one} has no lesson in the timetable."""

    code = "lessons.class-without-lessons"
    ru = "У класса {one} нет ни одного урока в расписании."
