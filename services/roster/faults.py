"""What can be wrong with a bundle, one class a fault. A fault belongs to a file, a line and a field."""

from dataclasses import dataclass

from shared.errors import Refused


class NotAZip(Refused):
    """The file is not a zip archive, or it is damaged."""

    code = "roster.not-a-zip"
    ru = "Это не zip-архив, или архив повреждён."


class TooManyEntries(Refused):
    """The archive has {count} entries; {limit} at most are read."""

    code = "roster.too-many-entries"
    ru = "В архиве {count} записей, а принимается не больше {limit}."


class UnpacksTooLarge(Refused):
    """The archive unpacks to more than is accepted: {limit} MB, or more than {ratio} times its packed size."""

    code = "roster.unpacks-too-large"
    ru = (
        "Архив слишком велик после распаковки: принимается не больше {limit} МБ и не больше чем {ratio}-кратное сжатие."
    )


class PathOutside(Refused):
    """The archive entry «{name}» points outside the archive."""

    code = "roster.path-outside"
    ru = "Запись архива «{name}» указывает за пределы архива."


class InFolder(Refused):
    """«{name}» lies in a folder; the files of a bundle lie at the top of the archive."""

    code = "roster.in-folder"
    ru = "«{name}» лежит в папке, а файлы набора должны лежать в корне архива."


class RepeatedEntry(Refused):
    """The archive has two entries of the name «{name}»."""

    code = "roster.repeated-entry"
    ru = "В архиве две записи с именем «{name}»."


class Unreadable(Refused):
    """The archive entry is encrypted or packed by a method that is not read; use plain deflate."""

    code = "roster.unreadable-entry"
    ru = "Запись архива зашифрована или сжата неизвестным способом; используйте обычное сжатие deflate."


class NoManifest(Refused):
    """manifest.csv is missing: this is no OneRoster bundle."""

    code = "roster.no-manifest"
    ru = "Нет файла manifest.csv: это не набор OneRoster."


class WrongVersion(Refused):
    """The bundle says OneRoster «{version}»; version 1.2 is read."""

    code = "roster.wrong-version"
    ru = "В наборе указана версия OneRoster «{version}», а принимается 1.2."


class DeltaRefused(Refused):
    """The manifest says «{mode}» for this file; only whole files (bulk) are read."""

    code = "roster.delta-refused"
    ru = "В описи для этого файла указано «{mode}», а принимаются только полные файлы (bulk)."


class FileMissing(Refused):
    """The file is required and is not in the bundle."""

    code = "roster.file-missing"
    ru = "Обязательного файла нет в наборе."


class NoRows(Refused):
    """The file has no rows below its header."""

    code = "roster.no-rows"
    ru = "В файле нет ни одной строки под заголовком."


class NotUtf8(Refused):
    """The text is not UTF-8 ({guess}). Save the file as «CSV UTF-8»."""

    code = "roster.not-utf-8"
    ru = "Текст не в кодировке UTF-8 ({guess}). Сохраните файл как «CSV UTF-8»."


class BrokenCsv(Refused):
    """The line cannot be read as CSV: {why}."""

    code = "roster.broken-csv"
    ru = "Строку нельзя прочитать как CSV: {why}."


class LineTooLong(Refused):
    """The line is longer than {limit} bytes."""

    code = "roster.line-too-long"
    ru = "Строка длиннее {limit} байт."


class ColumnMissing(Refused):
    """The column «{column}» is missing from the header."""

    code = "roster.column-missing"
    ru = "В заголовке нет столбца «{column}»."


class ColumnUnknown(Refused):
    """OneRoster 1.2 has no column «{column}» in this file; columns of your own begin with «metadata.»."""

    code = "roster.column-unknown"
    ru = "В OneRoster 1.2 у этого файла нет столбца «{column}»; свои столбцы начинаются с «metadata.»."


class ColumnTwice(Refused):
    """The column «{column}» stands twice in the header."""

    code = "roster.column-twice"
    ru = "Столбец «{column}» встречается в заголовке дважды."


class WrongWidth(Refused):
    """The line has {found} fields, the header has {expected}."""

    code = "roster.wrong-width"
    ru = "В строке полей: {found}, а в заголовке: {expected}."


class ValueMissing(Refused):
    """The value is required."""

    code = "roster.value-missing"
    ru = "Значение обязательно."


class BadDate(Refused):
    """«{value}» is not a date of the form 2021-09-01."""

    code = "roster.bad-date"
    ru = "«{value}» не дата вида 2021-09-01."


class EndsBeforeStart(Refused):
    """The last day {ends} is before the first day {starts}."""

    code = "roster.ends-before-start"
    ru = "Последний день {ends} раньше первого дня {starts}."


class BadChoice(Refused):
    """«{value}» is none of: {choices}."""

    code = "roster.bad-choice"
    ru = "«{value}» не входит в список: {choices}."


class BadText(Refused):
    """The value has control characters or is longer than {limit} characters."""

    code = "roster.bad-text"
    ru = "В значении есть управляющие символы, или оно длиннее {limit} знаков."


class TwiceInFile(Refused):
    """The id «{value}» already stands in line {first} with other content."""

    code = "roster.duplicate-id"
    ru = "Идентификатор «{value}» уже есть в строке {first} с другим содержанием."


class UnknownReference(Refused):
    """«{value}» is not in {target}.csv."""

    code = "roster.unknown-reference"
    ru = "«{value}» нет в {target}.csv."


class OneDistrict(Refused):
    """A bundle is of one district: orgs.csv must have exactly one org of the type district, it has {count}."""

    code = "roster.one-district"
    ru = "Набор описывает один округ: в orgs.csv должна быть ровно одна организация типа district, а их {count}."


class NoYear(Refused):
    """The class's term belongs to no school year: its chain of parents does not end at a schoolYear."""

    code = "roster.no-year"
    ru = "Период класса не относится ни к одному учебному году: цепочка родителей не приводит к schoolYear."


class WrongSchool(Refused):
    """The enrolment names the school «{value}», its class belongs to «{school}»."""

    code = "roster.wrong-school"
    ru = "В зачислении указана школа «{value}», а класс относится к школе «{school}»."


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong. `line` is 1 for the header, 0 for the whole file; `file` is empty for the bundle."""

    refusal: Refused
    file: str = ""
    line: int = 0
    field: str = ""
