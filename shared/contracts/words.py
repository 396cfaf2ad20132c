"""What kinds of work and codes in a cell are called, where a service writes for people: in notices and in files."""

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
