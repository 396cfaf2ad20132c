"""Topics of lessons that a teacher keeps, to write them into the journals of several classes (T-02).

What is decided of them, in his own stream beside his calendars, and their view.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row

from shared.contracts import Event, Sealed, seal
from shared.contracts.envelope import Received
from shared.contracts.lessons import TemplateKept, TemplateRemoved
from shared.errors import NotFound, Refused
from shared.postgres import Conn
from shared.sealed import KeyRing, open_text

MOST = 50
"""Templates of a person."""
LINES = 200
"""Topics of one."""
LONGEST_TITLE, LONGEST_TOPIC = 100, 1000
"""Characters."""


class TooManyTemplates(Refused):
    """You have {most} templates. Remove one that you do not need."""

    code = "lessons.too-many-templates"
    kind = "conflict"
    ru = "У вас уже {most} шаблонов. Удалите тот, который не нужен."


class TitleMissing(Refused):
    """Say what the template is called."""

    code = "lessons.title-missing"
    ru = "Назовите шаблон."


class TopicsMissing(Refused):
    """A template has at least one topic."""

    code = "lessons.topics-missing"
    ru = "В шаблоне нужна хотя бы одна тема."


class TooManyTopics(Refused):
    """At most {most} topics fit in one template."""

    code = "lessons.too-many-topics"
    ru = "В одном шаблоне не больше {most} тем."


class WordsTooLong(Refused):
    """At most {most} characters fit here."""

    code = "lessons.words-too-long"
    ru = "Здесь помещается не больше {most} знаков."


@dataclass(frozen=True)
class Templates:
    """Those that a person keeps."""

    kept: frozenset[UUID] = frozenset()


def evolved(state: Templates, event: Event) -> Templates:
    match event:
        case TemplateKept(template_id=id_):
            return Templates(state.kept | {id_})
        case TemplateRemoved(template_id=id_):
            return Templates(state.kept - {id_})
    return state


def keep(state: Templates, person: UUID, template: UUID, title: str, topics: Sequence[str]) -> list[Event]:
    """Keep these topics in this order; empty lines are passed over.

    Raises TitleMissing, TopicsMissing, TooManyTopics, WordsTooLong, TooManyTemplates.
    """
    called, lines = _clean(title), [words for one in topics if (words := _clean(one))]
    if not called:
        raise TitleMissing("/title")
    if len(called) > LONGEST_TITLE:
        raise WordsTooLong("/title", most=LONGEST_TITLE)
    if not lines:
        raise TopicsMissing("/topics")
    if len(lines) > LINES:
        raise TooManyTopics("/topics", most=LINES)
    for number, words in enumerate(lines):
        if len(words) > LONGEST_TOPIC:
            raise WordsTooLong(f"/topics/{number}", most=LONGEST_TOPIC)
    if template not in state.kept and len(state.kept) >= MOST:
        raise TooManyTemplates(most=MOST)
    said = {"title": seal(person, called), "topics": seal(person, "\n".join(lines))}
    return [TemplateKept(template_id=template, person_id=person, **said)]


def remove(state: Templates, person: UUID, template: UUID) -> list[Event]:
    """Raises NotFound."""
    if template not in state.kept:
        raise NotFound()
    return [TemplateRemoved(template_id=template, person_id=person)]


def _clean(words: str) -> str:
    return " ".join(words.split())


KEEP = """
INSERT INTO templates (template_id, person_id, title, topics, event, at) VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (person_id, template_id) DO UPDATE SET
    title = excluded.title, topics = excluded.topics, event = excluded.event, at = excluded.at
"""
REMOVE = "DELETE FROM templates WHERE person_id = %s AND template_id = %s"
OF_PERSON = """
SELECT template_id, title, topics, event, at FROM templates WHERE person_id = %s ORDER BY at DESC, template_id
"""


def apply(conn: Conn, received: Sequence[Received]) -> None:
    """Their words stay sealed here."""
    for one in received:
        match one.event:
            case TemplateKept(template_id=id_, person_id=person, title=title, topics=topics):
                conn.execute(KEEP, [id_, person, title.box, topics.box, one.id, one.time])
            case TemplateRemoved(template_id=id_, person_id=person):
                conn.execute(REMOVE, [person, id_])


@dataclass(frozen=True)
class Kept:
    """A template as it is stored: sealed with its person's key, in that event."""

    template_id: UUID
    title: str
    topics: str
    event: str
    at: datetime

    def opened(self, ring: KeyRing, person: UUID) -> tuple[str, list[str]]:
        """Title and topics; empty where the key is destroyed. Raises NoAnswer."""
        title = open_text(ring, Sealed(owner_id=person, box=self.title), self.event, "title")
        topics = open_text(ring, Sealed(owner_id=person, box=self.topics), self.event, "topics")
        return title or "", (topics or "").split("\n")


def of(conn: Conn, person: UUID) -> list[Kept]:
    """Those of a person, the newest first."""
    with conn.cursor(row_factory=class_row(Kept)) as cursor:
        return cursor.execute(OF_PERSON, [person]).fetchall()
