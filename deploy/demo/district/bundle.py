"""The files of a district: rows school by school, packed at the end. Memory is that of one school."""

import csv
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

Cells = tuple[object, ...]
COMMON = "sourcedId,status,dateLastModified,"

BUNDLE = {
    "academicSessions": COMMON + "title,type,startDate,endDate,parentSourcedId,schoolYear",
    "classes": COMMON + "title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,termSourcedIds,"
    "subjects,subjectCodes,periods",
    "courses": COMMON + "schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,subjectCodes",
    "demographics": COMMON + "birthDate,sex,americanIndianOrAlaskaNative,asian,blackOrAfricanAmerican,"
    "nativeHawaiianOrOtherPacificIslander,white,demographicRaceTwoOrMoreRaces,hispanicOrLatinoEthnicity,"
    "countryOfBirthCode,stateOfBirthAbbreviation,cityOfBirth,publicSchoolResidenceStatus",
    "enrollments": COMMON + "classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate",
    "orgs": COMMON + "name,type,identifier,parentSourcedId",
    "roles": COMMON + "userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,userProfileSourcedId",
    "users": COMMON + "enabledUser,username,userIds,givenName,familyName,middleName,identifier,email,sms,phone,"
    "agentSourcedIds,grades,password,userMasterIdentifier,resourceSourcedIds,preferredGivenName,preferredMiddleName,"
    "preferredFamilyName,primaryOrgSourcedId,pronouns",
}
ABSENT = (
    "categories", "classResources", "courseResources", "lineItemLearningObjectiveIds", "lineItems",
    "lineItemScoreScales", "resources", "resultLearningObjectiveIds", "results", "resultScoreScales", "scoreScales",
    "userProfiles", "userResources",
)  # fmt: skip
BESIDE = {
    "timetable": "classSourcedId,weekday,lesson,room,beginDate,endDate",
    "bells": "schoolSourcedId,lesson,start,end",
    "holidays": "schoolSourcedId,beginDate,endDate,title",
}
WHEN = (1980, 1, 1, 0, 0, 0)
"""The time of every file in the archive: the same plan gives the same bytes."""
PIECE = 1024 * 1024


class Files:
    """Open files of a district. A row has as many cells as the header, or fewer: the rest stays empty."""

    def __init__(self, writers: dict[str, Any], widths: dict[str, int]) -> None:
        self._writers, self._widths = writers, widths

    def write(self, name: str, rows: Iterable[Cells]) -> int:
        """Returns how many rows were written."""
        width, writer, count = self._widths[name], self._writers[name], 0
        for row in rows:
            writer.writerow(row + ("",) * (width - len(row)))
            count += 1
        return count

    def add(self, name: str, rows: Iterable[Cells]) -> int:
        """Rows of a file of the bundle, whose `status` and `dateLastModified` are empty, as bulk has them."""
        return self.write(name, ((row[0], "", "", *row[1:]) for row in rows))


@contextmanager
def opened(folder: Path) -> Iterator[Files]:
    """Files to write to; when all is well at the end, they stand in the folder, the bundle packed."""
    folder.mkdir(parents=True, exist_ok=True)
    headers = BUNDLE | BESIDE
    with tempfile.TemporaryDirectory(dir=folder, prefix=".district-") as name:
        made = Path(name)
        with ExitStack() as stack:
            writers = {}
            for file, header in headers.items():
                handle = stack.enter_context((made / f"{file}.csv").open("w", encoding="utf-8", newline=""))
                handle.write(header + "\n")
                writers[file] = csv.writer(handle, lineterminator="\n")
            yield Files(writers, {file: header.count(",") + 1 for file, header in headers.items()})
        _pack(made)
        for file in ("oneroster.zip", *(f"{beside}.csv" for beside in BESIDE)):
            (made / file).replace(folder / file)


def _pack(made: Path) -> None:
    with zipfile.ZipFile(made / "oneroster.zip", "w") as archive:
        archive.writestr(_entry("manifest.csv"), _manifest())
        for file in sorted(BUNDLE):
            source = made / f"{file}.csv"
            with source.open("rb") as read, archive.open(_entry(source.name), "w", force_zip64=True) as write:
                shutil.copyfileobj(read, write, PIECE)
            source.unlink()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, WHEN)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _manifest() -> str:
    modes = {**dict.fromkeys(BUNDLE, "bulk"), **dict.fromkeys(ABSENT, "absent")}
    told = {
        "manifest.version": "1.0",
        "oneroster.version": "1.2",
        **{f"file.{name}": modes[name] for name in sorted(modes)},
        "source.systemName": "Generated district",
        "source.systemCode": "district",
    }
    return "propertyName,value\n" + "".join(f"{name},{value}\n" for name, value in told.items())
