"""What parents do of a lesson: they look, and now and then they write and are answered."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from uuid import UUID, uuid5

from deploy.demo.client import NAMESPACE
from deploy.demo.day import words
from deploy.demo.day.dice import pick, roll
from deploy.demo.day.lesson import Command, Lesson, Life

OF_ILLNESS = 0.02
"""Chance that a lesson's teacher gets a letter about a pupil on the first day of an illness."""
OF_MARK = 0.05
"""Chance that a teacher is asked about a 2."""


def about(life: Life, lesson: Lesson, marks: Mapping[str, int], reads: float) -> Iterator[Command]:
    """Letters about the lesson's pupils with their answers, and the diaries that are opened after it."""
    for name, said in lesson.missing.items():
        if said.first_day and roll(lesson.lane, name, "letter") < OF_ILLNESS:
            texts = (words.ILL_SUBJECT, words.ILL_TEXTS, words.ILL_ANSWERS)
            yield from _letter(life, lesson, name, lesson.starts - 40, texts)
    for name, mark in marks.items():
        if mark == 2 and roll(lesson.lane, name, "letter") < OF_MARK:
            at = 1080 + 90 * roll(lesson.lane, name, "evening")
            yield from _letter(life, lesson, name, at, (words.LOW_SUBJECT, words.LOW_TEXTS, words.LOW_ANSWERS))
    if reads:
        for name in {*lesson.missing, *marks}:
            if roll(lesson.lane, name, "read") < reads:
                yield from _look(life, lesson, name)


def _parent(life: Life, name: str) -> UUID | None:
    family = life.district.families.get(name)
    return UUID(life.id("users", family[0])) if family else None


def _letter(
    life: Life, lesson: Lesson, name: str, at: float, said: tuple[str, tuple[str, ...], tuple[str, ...]]
) -> Iterator[Command]:
    """A letter of the first parent, the teacher's answer within the hour, and the parent's look at it."""
    parent = _parent(life, name)
    if parent is None or parent == lesson.teacher:
        return
    subject, texts, answers = said
    place = f"{lesson.lane}/{name}"
    letter = uuid5(NAMESPACE, f"letter/{place}")
    first, answer = str(uuid5(letter, "1")), str(uuid5(letter, "2"))
    body = {"conversation_id": str(letter), "participants": [str(lesson.teacher)], "subject": subject,
            "pupil_id": life.id("users", name), "text": pick(texts, place), "message_id": first}  # fmt: skip
    path = f"/conversations/{letter}"
    back = {"message_id": answer, "text": pick(answers, place, "answer")}
    opened, answered = f"letter/{place}", f"answer/{place}"
    lane, later = str(letter), at + 10 + 50 * roll(place, "wait")
    where = ("POST", "messaging")
    yield Command(at, lane, "letter", parent, *where, "/conversations", body, opened)
    yield Command(later, lane, "letter", lesson.teacher, *where, f"{path}/messages", back, answered, opened)
    seen = {"message_id": answer}
    yield Command(later + 15, lane, "letter", parent, *where, f"{path}/seen", seen, f"seen/{place}", answered)


def _look(life: Life, lesson: Lesson, name: str) -> Iterator[Command]:
    """The week's diary, some minutes after something was written in it."""
    if parent := _parent(life, name):
        monday = lesson.on - timedelta(days=lesson.on.weekday())
        place = f"read/{lesson.lane}/{name}"
        path = f"/diary?pupil_id={life.id('users', name)}&first={monday}&last={monday + timedelta(days=6)}"
        yield Command(lesson.ends + 20 * roll(place), place, "look", parent, "GET", "reporting", path, None, place)
