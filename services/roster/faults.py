"""What can be wrong with a bundle, beside what `shared.csvfile.faults` says of any CSV file."""

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
