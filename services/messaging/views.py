"""The archive of conversations, written in the event's own transaction, and its questions."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.messaging import comments_views, remarks_views, weeks_views
from services.messaging.rows import rows
from shared.contracts.envelope import Received
from shared.contracts.messaging import ConversationOpened, MessageSent, MessagesSeen
from shared.postgres import Conn

TABLES = (
    "conversations", "participants", "messages", *comments_views.TABLES, *remarks_views.TABLES, *weeks_views.TABLES
)  # fmt: skip

OPEN = """
INSERT INTO conversations (conversation_id, school_id, pupil_id, subject, opened_at) VALUES (%s, %s, %s, %s, %s)
"""
JOIN = "INSERT INTO participants (conversation_id, school_id, person_id) VALUES (%s, %s, %s)"
SEND = """
INSERT INTO messages (message_id, conversation_id, school_id, author_id, text, at, version)
VALUES (%s, %s, %s, %s, %s, %s, %s)
"""
SEE = """
UPDATE participants p SET seen_at = %s, seen_version = m.version FROM messages m
WHERE m.message_id = %s AND m.conversation_id = %s AND p.conversation_id = m.conversation_id AND p.person_id = %s
  AND p.seen_version < m.version
"""


def apply(conn: Conn, received: Sequence[Received]) -> None:
    """Texts are kept opened here. What a person writes he has seen."""
    for one in received:
        match one.event:
            case ConversationOpened(conversation_id=id_, school_id=school, pupil_id=pupil, subject=subject) as opened:
                conn.execute(OPEN, [id_, school, pupil, subject.text or "", one.time])
                conn.cursor().executemany(JOIN, [(id_, school, person) for person in sorted(opened.participants)])
            case MessageSent() as m:
                place = (m.message_id, m.conversation_id, m.school_id, m.author_id)
                conn.execute(SEND, [*place, m.text.text or "", one.time, one.envelope.version])
                conn.execute(SEE, [one.time, m.message_id, m.conversation_id, m.author_id])
            case MessagesSeen(conversation_id=id_, person_id=person, message_id=message):
                conn.execute(SEE, [one.time, message, id_, person])
    for others in (comments_views, remarks_views, weeks_views):
        others.apply(conn, received)


MINE = """
SELECT c.conversation_id, c.subject, c.pupil_id, l.author_id, l.text, l.at,
       (SELECT count(*) FROM messages m WHERE m.conversation_id = c.conversation_id
            AND m.author_id <> me.person_id AND m.version > me.seen_version) AS unread
FROM participants me
JOIN conversations c USING (conversation_id)
JOIN LATERAL (SELECT author_id, text, at FROM messages WHERE conversation_id = c.conversation_id
              ORDER BY version DESC LIMIT 1) l ON true
WHERE me.person_id = %s
ORDER BY l.at DESC LIMIT 200
"""


def conversations(conn: Conn, person: UUID) -> list[dict[str, Any]]:
    """The person's conversations, the one with the newest message first."""
    found = rows(conn, MINE, [person])
    people = _people(conn, [row["conversation_id"] for row in found])
    return [{**row, "participants": people.get(row["conversation_id"], [])} for row in found]


PEOPLE = """
SELECT p.conversation_id, p.person_id, coalesce(n.name, '') AS name, p.seen_version, p.seen_at
FROM participants p LEFT JOIN people n USING (person_id)
WHERE p.conversation_id = ANY (%s) ORDER BY n.name
"""


def _people(conn: Conn, ids: list[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    found: dict[UUID, list[dict[str, Any]]] = {}
    for row in rows(conn, PEOPLE, [ids]):
        found.setdefault(row["conversation_id"], []).append(row)
    return found


ONE = "SELECT conversation_id, subject, pupil_id, school_id FROM conversations WHERE conversation_id = %s"
MESSAGES = "SELECT message_id, author_id, text, at, version FROM messages WHERE conversation_id = %s ORDER BY version"


def conversation(conn: Conn, conversation_id: UUID) -> dict[str, Any] | None:
    """A conversation with all its messages, oldest first, each with who has seen it. The caller asks the policy."""
    found = rows(conn, ONE, [conversation_id])
    if not found:
        return None
    people = _people(conn, [conversation_id]).get(conversation_id, [])
    messages = rows(conn, MESSAGES, [conversation_id])
    return {
        **found[0],
        "participants": people,
        "messages": [{**m, "deliveries": _deliveries(m, people)} for m in messages],
    }


def _deliveries(message: dict[str, Any], people: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A message is delivered once it stands in the reader's archive, which is at once, and seen when he read it."""
    readers = (p for p in people if p["person_id"] != message["author_id"])
    return [
        {"person_id": p["person_id"], "state": "seen", "at": p["seen_at"]}
        if p["seen_version"] >= message["version"]
        else {"person_id": p["person_id"], "state": "delivered", "at": message["at"]}
        for p in readers
    ]
