"""What kinds of work and codes in a cell are called, and how names are ordered, where a service writes for people."""

WORK_KINDS = {
    "ru": {
        "lesson": "работа на уроке",
        "homework": "домашняя работа",
        "quiz": "самостоятельная",
        "test": "контрольная",
        "project": "проект",
        "exam": "экзамен",
    },
    "en": {
        "lesson": "classwork",
        "homework": "homework",
        "quiz": "quiz",
        "test": "test",
        "project": "project",
        "exam": "exam",
    },
}
CODES = {
    "ru": {"exempt": "осв", "not-attested": "н/а", "missing": "точка", "pass": "зачёт", "fail": "незачёт"},
    "en": {"not-attested": "n/a", "missing": "owed"},
}

ALPHABET = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
ORDER = {letter: chr(0x400 + place) for place, letter in enumerate(ALPHABET)}


def sort_key(text: str) -> str:
    """Orders Russian names with Ё after Е under any byte-wise collation; other letters stay where they are.

    >>> sorted(["Жуков", "Ёлкин", "Ежов"], key=sort_key)
    ['Ежов', 'Ёлкин', 'Жуков']
    """
    return "".join(ORDER.get(letter, letter) for letter in text.lower())
