"""What is wrong with a field, said for people, by pydantic's kind of error."""

from collections.abc import Mapping
from typing import Any

from shared.web.language import Language

# kind of error (or its beginning) → code of ours, English, Russian; {names} come from the error's context
SENTENCES: dict[str, tuple[str, str, str]] = {
    "missing": ("field.missing", "This is required.", "Это поле нужно заполнить."),
    "extra_forbidden": ("field.unknown", "This field is not known here.", "Такого поля здесь нет."),
    "json_invalid": ("body.not-json", "The request is not valid JSON.", "Запрос не является правильным JSON."),
    "uuid": ("field.not-id", "This is not an id.", "Это не идентификатор."),
    "int": ("field.not-integer", "Enter a whole number.", "Введите целое число."),
    "float": ("field.not-number", "Enter a number.", "Введите число."),
    "decimal": ("field.not-number", "Enter a number.", "Введите число."),
    "bool": ("field.not-yes-no", "This must be true or false.", "Здесь может быть только «да» или «нет»."),
    "datetime": ("field.not-time", "Enter a date and time such as 2026-09-01T08:30:00Z.",
                 "Введите дату и время вида 2026-09-01T08:30:00Z."),
    "date": ("field.not-date", "Enter a date such as 2026-09-01.", "Введите дату вида 2026-09-01."),
    "time": ("field.not-time", "Enter a time such as 08:30.", "Введите время вида 08:30."),
    "literal_error": ("field.not-in-list", "Allowed here: {expected}.", "Здесь допустимо: {expected}."),
    "enum": ("field.not-in-list", "Allowed here: {expected}.", "Здесь допустимо: {expected}."),
    "greater_than_equal": ("field.too-small", "This must be {ge} or more.", "Наименьшее допустимое значение: {ge}."),
    "greater_than": ("field.too-small", "This must be more than {gt}.", "Значение должно быть больше {gt}."),
    "less_than_equal": ("field.too-great", "This must be {le} or less.", "Наибольшее допустимое значение: {le}."),
    "less_than": ("field.too-great", "This must be less than {lt}.", "Значение должно быть меньше {lt}."),
    "string_too_short": ("field.too-short", "Too short; the least number of characters is {min_length}.",
                         "Слишком коротко; наименьшее число знаков: {min_length}."),
    "string_too_long": ("field.too-long", "Too long; the greatest number of characters is {max_length}.",
                        "Слишком длинно; наибольшее число знаков: {max_length}."),
    "string_pattern_mismatch": ("field.wrong-form", "This is not written as it should be.",
                                "Это написано не так, как нужно."),
    "string_unicode": ("field.wrong-characters", "There are characters here that are not text.",
                       "Здесь есть знаки, которые не являются текстом."),
    "string": ("field.not-text", "Enter text.", "Введите текст."),
    "too_short": ("field.too-few", "Too few; at least {min_length} are needed.",
                  "Слишком мало; наименьшее количество: {min_length}."),
    "too_long": ("field.too-many", "Too many; at most {max_length} are allowed.",
                 "Слишком много; наибольшее количество: {max_length}."),
    "list": ("field.not-list", "A list is expected here.", "Здесь ожидается список."),
    "tuple": ("field.not-list", "A list is expected here.", "Здесь ожидается список."),
    "set": ("field.not-list", "A list is expected here.", "Здесь ожидается список."),
    "dict": ("field.not-object", "An object with fields is expected here.", "Здесь ожидается объект с полями."),
    "model": ("field.not-object", "An object with fields is expected here.", "Здесь ожидается объект с полями."),
    "url": ("field.not-address", "Enter an address such as https://example.org.",
            "Введите адрес вида https://example.org."),
    "union_tag": ("field.not-in-list", "This is none of the kinds known here.", "Такой разновидности здесь нет."),
}  # fmt: skip
OTHER = ("field.wrong", "This value does not fit.", "Это значение не подходит.")


def sentence(kind: str, context: Mapping[str, Any], language: Language) -> tuple[str, str]:
    """(code, sentence) for pydantic's `type` and `ctx` of an error."""
    code, english, russian = _find(kind)
    facts = {name: _listed(value, language) if name == "expected" else value for name, value in context.items()}
    try:
        return code, (russian if language == "ru" else english).format(**facts)
    except KeyError:
        return OTHER[0], OTHER[2 if language == "ru" else 1]


def _find(kind: str) -> tuple[str, str, str]:
    """The row of the whole name, or of its longest beginning: `uuid_parsing` is told as `uuid`."""
    words = kind.split("_")
    for end in range(len(words), 0, -1):
        row = SENTENCES.get("_".join(words[:end]))
        if row:
            return row
    return OTHER


def _listed(expected: Any, language: Language) -> str:
    return str(expected).replace(" or ", " или ") if language == "ru" else str(expected)
