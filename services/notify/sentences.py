"""What a notice says, in the reader's language. The same words stand in the feed and in the letter."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from shared.contracts.words import CODES, WORK_KINDS

FOUR_WEEKS = timedelta(days=27)
"""Before the day whose column a journal is opened for."""

WORDS = {
    "ru": {
        "mark": "{name}: оценка {values}",
        "corrected": "{name}: оценка исправлена, {before} → {values}",
        "removed": "{name}: оценка {before} снята",
        "test": "{name}: завтра {work}",
        "cancelled": "{name}: урок отменён",
        "moved": "{name}: урок перенесён на {to_day}, {to_number}-й урок{in_room}{by}",
        "room": "{name}: урок в другом кабинете{in_room}",
        "substituted": "{name}: замена, урок ведёт {author}{moved_to}",
        "restored": "{name}: урок состоится по расписанию",
        "new": "{name}: новое расписание",
        "new-own": "Новое расписание ваших уроков",
        "in-room": ", кабинет {room}",
        "by": ", ведёт {author}",
        "moved-to": ", {to_day}, {to_number}-й урок",
        "threshold": "{name}: средний балл {average}, ниже {below}",
        "threshold-risen": "{name}: средний балл снова не ниже {below}",
        "decline": "{name}: последние оценки ниже прежних, в среднем {lately} после {earlier}",
        "term": "{name}: выставлены итоговые оценки, {term}",
        "term-mark": "{name}: итоговая оценка {values}, {term}",
        "term-corrected": "{name}: итоговая оценка исправлена, {before} → {values}, {term}",
        "term-removed": "{name}: итоговая оценка {before} снята, {term}",
        "absent": "{name}: отсутствие на уроке",
        "late": "{name}: опоздание на урок",
        "late-minutes": "{name}: опоздание на урок на {minutes} мин",
        "present": "{name}: отметка об отсутствии снята",
        "excused": " (по уважительной причине)",
        "message": "Новое сообщение: {author}",
        "comment": "{name}: комментарий, {author}",
        "claim-confirmed": "Школа подтвердила вашу заявку: дневник ребёнка открыт",
        "claim-declined": "Школа не подтвердила вашу заявку",
        "journal-mark": "В вашем журнале: {name}, оценка {before} → {values}, {author}",
        "journal-removed": "В вашем журнале: {name}, оценка {before} снята, {author}",
        "journal-presence": "В вашем журнале: {name}, изменена посещаемость, {author}",
        "praise": "{name}: похвала",
        "remark": "{name}: замечание",
        "incident": "{name}: происшествие",
        "withdrawn": "{name}: запись о поведении отозвана",
        "lesson": ", {number}-й урок",
        "pupil": "Ученик",
    },
    "en": {
        "mark": "{name}: mark {values}",
        "corrected": "{name}: mark corrected, {before} → {values}",
        "removed": "{name}: mark {before} taken back",
        "test": "{name}: {work} tomorrow",
        "cancelled": "{name}: the lesson is cancelled",
        "moved": "{name}: the lesson is moved to {to_day}, lesson {to_number}{in_room}{by}",
        "room": "{name}: the lesson is in another room{in_room}",
        "substituted": "{name}: substitution, {author} gives the lesson{moved_to}",
        "restored": "{name}: the lesson takes place as timetabled",
        "new": "{name}: a new timetable",
        "new-own": "A new timetable of your lessons",
        "in-room": ", room {room}",
        "by": ", given by {author}",
        "moved-to": ", {to_day}, lesson {to_number}",
        "threshold": "{name}: average {average}, below {below}",
        "threshold-risen": "{name}: the average is not below {below} any more",
        "decline": "{name}: the last marks are lower than before, {lately} on average after {earlier}",
        "term": "{name}: final grades are out, {term}",
        "term-mark": "{name}: final grade {values}, {term}",
        "term-corrected": "{name}: final grade corrected, {before} → {values}, {term}",
        "term-removed": "{name}: final grade {before} taken back, {term}",
        "absent": "{name}: absent from the lesson",
        "late": "{name}: late for the lesson",
        "late-minutes": "{name}: {minutes} min late for the lesson",
        "present": "{name}: the absence was taken back",
        "excused": " (excused)",
        "message": "New message from {author}",
        "comment": "{name}: comment by {author}",
        "claim-confirmed": "The school confirmed your claim: the child's diary is open",
        "claim-declined": "The school did not confirm your claim",
        "journal-mark": "In your journal: {name}, mark {before} → {values}, {author}",
        "journal-removed": "In your journal: {name}, mark {before} taken back, {author}",
        "journal-presence": "In your journal: {name}, attendance changed, {author}",
        "praise": "{name}: praise",
        "remark": "{name}: remark",
        "incident": "{name}: incident",
        "withdrawn": "{name}: the remark was taken back",
        "lesson": ", lesson {number}",
        "pupil": "Pupil",
    },
}


def sentence(row: dict[str, Any], language: str) -> str:
    """One sentence for a row of `deliveries.feed`, in `ru` or `en`."""
    words, data = WORDS[language], row["data"]
    if row["kind"] == "message":
        return words["message"].format(author=row["author"] or "…")
    if row["kind"] == "claim":
        return words[f"claim-{data['claim']}"]
    facts = {"name": row["given_name"] or words["pupil"], "minutes": data.get("minutes"), "term": data.get("term")}
    facts |= {"author": row["author"] or "…", "work": WORK_KINDS[language].get(row["work_kind"] or "", "")}
    if row["kind"] == "timetable":
        facts |= _changed(row, language)
    if row["kind"] in ("mark", "term") or (row["kind"] == "journal" and "values" in data):
        facts |= {name: _values(data.get(name), language) for name in ("values", "before")}
    if row["kind"] in ("threshold", "decline"):
        facts |= {name: _values([number], language) for name, number in data.items()}
    which = _which(row["kind"], data)
    if which == "new" and row["pupil_id"] is None:
        which = "new-own"
    return words[which].format(**facts) + _where(row, language)


def _which(kind: str, data: dict[str, Any]) -> str:
    if kind in ("mark", "term"):
        of_term = "term-" if kind == "term" else ""
        if "values" not in data:
            return kind
        return of_term + ("mark" if "before" not in data else "corrected" if data["values"] else "removed")
    if kind == "threshold":
        return "threshold-risen" if "before" in data else "threshold"
    if kind in ("comment", "remark", "test", "decline"):
        return str(data.get("remark", kind))
    if kind == "timetable":
        return str(data["change"])
    if kind == "journal":
        return "journal-presence" if "state" in data else "journal-mark" if data["values"] else "journal-removed"
    if data["state"] == "late":
        return "late-minutes" if data.get("minutes") else "late"
    return str(data["state"])


def _changed(row: dict[str, Any], language: str) -> dict[str, str]:
    """Of a teacher's notice it is the class that has the lesson."""
    data, words = row["data"], WORDS[language]
    facts = {"in_room": words["in-room"].format(room=data["room"]) if data.get("room") else "", "moved_to": ""}
    facts["by"] = words["by"].format(author=row["author"] or "…") if "author_id" in data else ""
    if row["pupil_id"] is None:
        facts["name"] = row["group_title"] or row["subject"] or "…"
    if data.get("to_date"):
        facts |= {"to_day": _day(date.fromisoformat(data["to_date"]), language), "to_number": data["to_number"]}
        facts["moved_to"] = words["moved-to"].format(**facts)
    return facts


def _day(day: date, language: str) -> str:
    return f"{day:%d.%m.%Y}" if language == "ru" else f"{day.day} {day:%B} {day.year}"


def _values(values: list[str] | None, language: str) -> str:
    shown = [CODES[language].get(value, value) for value in values or ()]
    return "/".join(shown).replace(".", "," if language == "ru" else ".")


def _where(row: dict[str, Any], language: str) -> str:
    words, day = WORDS[language], row["day"]
    excused = words["excused"] if row["data"].get("reason") == "excused" else ""
    work = WORK_KINDS[language].get(row["work_kind"] or "")
    details = [detail for detail in (row["subject"], work) if detail and not (detail == work and row["kind"] == "test")]
    shown = day and _day(day, language)
    lesson = (
        words["lesson"].format(number=row["number"]) if row["kind"] not in ("mark", "comment") and row["number"] else ""
    )
    return excused + (" · " + ", ".join(details) if details else "") + (f", {shown}" if shown else "") + lesson


def link(row: dict[str, Any]) -> str:
    """The address inside the application where it is read."""
    pupil: UUID | None = row["pupil_id"]
    if row["kind"] == "message":
        return f"/messages/{row['object_id']}"
    if row["kind"] == "claim":
        return "/join"
    if row["kind"] in ("term", "test", "threshold", "decline"):
        return f"/pupils/{pupil}/marks"
    if row["kind"] == "comment":
        return f"/pupils/{row['data']['pupil_id']}/comments?record={row['object_id']}"
    if row["kind"] == "journal":
        if row["number"] and "state" in row["data"]:
            return f"/roll/{row['group_id']}/{row['day']}/{row['number']}"
        return f"/journal/{row['group_id']}?first={row['day'] - FOUR_WEEKS}&last={row['day']}"
    if row["kind"] == "remark":
        return f"/pupils/{pupil}/behaviour"
    if row["kind"] == "timetable" and pupil is None:
        return f"/timetable?week={row['day'] - timedelta(days=row['day'].weekday())}"
    return f"/diary/{pupil}?day={row['day']}"
