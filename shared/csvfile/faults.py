"""What can be wrong with a CSV file, one class a fault. A fault belongs to a file, a line and a field."""

from dataclasses import dataclass

from shared.errors import Refused


class NoRows(Refused):
    """The file has no rows below its header."""

    code = "csv.no-rows"
    ru = "В файле нет ни одной строки под заголовком."


class NotUtf8(Refused):
    """The text is not UTF-8 ({guess}). Save the file as «CSV UTF-8»."""

    code = "csv.not-utf-8"
    ru = "Текст не в кодировке UTF-8 ({guess}). Сохраните файл как «CSV UTF-8»."


class BrokenCsv(Refused):
    """The line cannot be read as CSV: {why}."""

    code = "csv.broken-csv"
    ru = "Строку нельзя прочитать как CSV: {why}."


class LineTooLong(Refused):
    """The line is longer than {limit} bytes."""

    code = "csv.line-too-long"
    ru = "Строка длиннее {limit} байт."


class ColumnMissing(Refused):
    """The column «{column}» is missing from the header."""

    code = "csv.column-missing"
    ru = "В заголовке нет столбца «{column}»."


class ColumnUnknown(Refused):
    """This file has no column «{column}»; columns of your own begin with «metadata.»."""

    code = "csv.column-unknown"
    ru = "В этом файле не бывает столбца «{column}»; свои столбцы начинаются с «metadata.»."


class ColumnTwice(Refused):
    """The column «{column}» stands twice in the header."""

    code = "csv.column-twice"
    ru = "Столбец «{column}» встречается в заголовке дважды."


class WrongWidth(Refused):
    """The line has {found} fields, the header has {expected}."""

    code = "csv.wrong-width"
    ru = "В строке полей: {found}, а в заголовке: {expected}."


class ValueMissing(Refused):
    """The value is required."""

    code = "csv.value-missing"
    ru = "Значение обязательно."


class BadDate(Refused):
    """«{value}» is not a date of the form 2021-09-01."""

    code = "csv.bad-date"
    ru = "«{value}» не дата вида 2021-09-01."


class BadForm(Refused):
    """«{value}» is not of the form {form}."""

    code = "csv.bad-form"
    ru = "«{value}» не соответствует виду {form}."


class EndsBeforeStart(Refused):
    """The last day {ends} is before the first day {starts}."""

    code = "csv.ends-before-start"
    ru = "Последний день {ends} раньше первого дня {starts}."


class BadChoice(Refused):
    """«{value}» is none of: {choices}."""

    code = "csv.bad-choice"
    ru = "«{value}» не входит в список: {choices}."


class BadText(Refused):
    """The value has control characters or is longer than {limit} characters."""

    code = "csv.bad-text"
    ru = "В значении есть управляющие символы, или оно длиннее {limit} знаков."


class TwiceInFile(Refused):
    """The id «{value}» already stands in line {first} with other content."""

    code = "csv.duplicate-id"
    ru = "Идентификатор «{value}» уже есть в строке {first} с другим содержанием."


class UnknownReference(Refused):
    """«{value}» is not in {target}.csv."""

    code = "csv.unknown-reference"
    ru = "«{value}» нет в {target}.csv."


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong. `line` is 1 for the header, 0 for the whole file; `file` is empty for the bundle."""

    refusal: Refused
    file: str = ""
    line: int = 0
    field: str = ""
