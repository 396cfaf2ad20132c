"""The class («7А») that a group belongs to, read off its title: the roster knows groups of one subject only."""

import re
from collections import Counter, defaultdict
from datetime import date
from uuid import UUID

from shared.postgres import Conn

FORM = re.compile(r"""(?<![\w.,-])(1[0-2]|[1-9])(?:[\s-]?[«"]?([А-ЯЁA-Z])[»"]?|([а-яёa-z]))(?!\w)""")


def form_of(title: str) -> str | None:
    """None for a title that names no one class.

    >>> form_of("7А математика"), form_of("Физика 10-Б"), form_of("5 «В» (1-я группа)"), form_of("9а")
    ('7А', '10Б', '5В', '9А')
    >>> form_of("7-е классы русский язык"), form_of("Algebra I 02"), form_of("Хор, 2024")
    (None, None, None)
    """
    found = FORM.search(title)
    return found and f"{found[1]}{(found[2] or found[3]).upper()}"


def in_order(name: str) -> tuple[int, str]:
    """Classes by year of study and letter; other names behind them, by the alphabet.

    >>> sorted(["10А", "2Б", "Хор", "2А"], key=in_order)
    ['2А', '2Б', '10А', 'Хор']
    """
    found = FORM.fullmatch(name)
    return (int(found[1]), name) if found else (99, name)


GROUPS = """
SELECT m.person_id, g.title, g.homeroom FROM access_members m JOIN access_groups g USING (group_id)
WHERE g.school_id = %s AND m.starts <= %s AND m.ends >= %s
"""


def forms_of(conn: Conn, school: UUID, first: date, last: date) -> dict[UUID, str]:
    """Each pupil's class: of the class itself where the roster has it, else what most of his groups are named for."""
    said: defaultdict[UUID, Counter[str]] = defaultdict(Counter)
    for pupil, title, homeroom in conn.execute(GROUPS, [school, last, first]):
        if form := form_of(title):
            said[pupil][form] += 1000 if homeroom else 1
    return {pupil: forms.most_common(1)[0][0] for pupil, forms in said.items()}
