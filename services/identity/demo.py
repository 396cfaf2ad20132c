"""The sign-in page of a demo: one button for each of its people, who sign in without typing. Nowhere else."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from psycopg.rows import class_row

from shared.postgres import Conn
from shared.settings import Settings

Role = Literal["teacher", "parent", "pupil", "administrator", "officer"]


@dataclass(frozen=True)
class Button:
    """Whose it is, as whom he signs in, and what he is called."""

    account_id: UUID
    role: Role
    name: str


BUTTONS = """
SELECT account_id, button_role AS role, coalesce(button_name, '') AS name FROM accounts
WHERE demo AND button_role IS NOT NULL AND closed_at IS NULL
ORDER BY array_position(ARRAY['teacher', 'parent', 'pupil', 'administrator', 'officer'], button_role), login_key
LIMIT 20
"""


def buttons(conn: Conn, settings: Settings) -> tuple[Button, ...]:
    """In the order in which a visitor meets the roles; none outside a demo, whatever accounts there are."""
    if settings.environment != "demo":
        return ()
    with conn.cursor(row_factory=class_row(Button)) as cursor:
        return tuple(cursor.execute(BUTTONS).fetchall())
