"""What feed readers fetch at a person's secret address (RSS 2.0).

Whoever knows an address learns little: that there is something new and in which subject, never a mark and no name.
It is off until the person asks for an address.
"""

from collections.abc import Mapping, Sequence
from email.utils import format_datetime
from typing import Any
from xml.etree import ElementTree

from services.notify import deliveries, feeds
from shared import access
from shared.clock import Calendar
from shared.postgres import Conn, scoped

SHOWN = 50
"""Notices in a feed, the newest first."""
AGAIN = 15
"""Minutes after which a reader may ask again."""


def read(conn: Conn, secret: str, calendar: Calendar, language: str, portal: str) -> bytes:
    """The feed of an address, by what its person may know today. `portal`: where its entries lead.

    The same bytes as long as nothing is new. Raises NotFound.
    """
    person = feeds.owner(conn, secret)
    with scoped(conn, access.rights(conn, person, calendar).scope):
        rows = deliveries.feed(conn, person, SHOWN)
    return _written(rows, language, portal.rstrip("/"))


WORDS: Mapping[str, Mapping[str, str]] = {
    "ru": {
        "title": "Школьный дневник",
        "what": "Что нового. Подробности в дневнике.",
        "mark": "Оценка",
        "term": "Итоговая оценка",
        "absence": "Отметка об отсутствии",
        "late": "Отметка об опоздании",
        "test": "Завтра контрольная",
        "threshold": "Средний балл",
        "decline": "Оценки снижаются",
        "timetable": "Изменение в расписании",
        "remark": "Запись о поведении",
        "message": "Новое сообщение",
        "comment": "Новый комментарий",
        "claim": "Ответ школы на вашу заявку",
        "journal": "Исправление в вашем журнале",
    },
    "en": {
        "title": "School diary",
        "what": "What is new. The diary says more.",
        "mark": "A mark",
        "term": "A final grade",
        "absence": "An absence",
        "late": "A lateness",
        "test": "A test tomorrow",
        "threshold": "The average",
        "decline": "Marks decline",
        "timetable": "A change in the timetable",
        "remark": "A remark on behaviour",
        "message": "A new message",
        "comment": "A new comment",
        "claim": "The school answered your claim",
        "journal": "A correction in your journal",
    },
}


def _written(rows: Sequence[dict[str, Any]], language: str, portal: str) -> bytes:
    words = WORDS[language]
    root = ElementTree.Element("rss", version="2.0")
    channel = ElementTree.SubElement(root, "channel")
    head = {"title": words["title"], "link": f"{portal}/notices", "description": words["what"], "language": language}
    for name, text in {**head, "ttl": str(AGAIN)}.items():
        ElementTree.SubElement(channel, name).text = text
    for row in rows:
        item = ElementTree.SubElement(channel, "item")
        said = ": ".join(part for part in (words[row["kind"]], row["subject"]) if part)
        facts = {"title": said, "link": f"{portal}/notices", "pubDate": format_datetime(row["at"])}
        for name, text in facts.items():
            ElementTree.SubElement(item, name).text = text
        ElementTree.SubElement(item, "guid", isPermaLink="false").text = str(row["notice_id"])
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written
