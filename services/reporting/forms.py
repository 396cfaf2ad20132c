"""The class («7А») that a group belongs to, read off its title: the roster knows groups of one subject only."""

import re

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
