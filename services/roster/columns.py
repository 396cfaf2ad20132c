"""The OneRoster 1.2 CSV binding: files, columns, what may stand in them. Only rostering files are read."""

from collections.abc import Mapping

from shared.csvfile import Column, Layout

ID = Column("text", needed=True, read=True)
NAME = Column("name", needed=True, read=True)
READ = Column("name", read=True)
LEFT = Column()
DATE = Column("date", read=True)
NEEDED_DATE = Column("date", needed=True, read=True)
STATUS = Column("choice", choices=("active", "tobedeleted"))
YES_NO = Column("choice", choices=("true", "false"), read=True)


ZONE = "metadata.timeZone"
"""Our own column of orgs.csv: a school's time zone, where it is not that of the import (E-01)."""


def ref(target: str, needed: bool = True) -> Column:
    return Column("reference", needed=needed, read=True, target=target)


def refs(target: str, needed: bool = False) -> Column:
    return Column("references", needed=needed, read=True, target=target)


def one_of(*choices: str, read: bool = True) -> Column:
    return Column("choice", needed=True, read=read, choices=choices)


def _file(
    *left: str,
    required: bool = True,
    span: tuple[str, str] | None = None,
    own: Mapping[str, Column] | None = None,
    **columns: Column,
) -> Layout:
    """`left`: columns of the binding that are known and not read; `own`: ours, which the binding lets be."""
    common = {"sourcedId": ID, "status": STATUS, "dateLastModified": LEFT}
    whole = {**common, **columns, **(own or {}), **dict.fromkeys(left, LEFT)}
    return Layout(whole, required, span, skip=lambda row: row.get("status") == "tobedeleted")


RACES = (
    "americanIndianOrAlaskaNative", "asian", "blackOrAfricanAmerican", "nativeHawaiianOrOtherPacificIslander",
    "white", "demographicRaceTwoOrMoreRaces", "hispanicOrLatinoEthnicity",
)  # fmt: skip
BIRTHPLACE = ("countryOfBirthCode", "stateOfBirthAbbreviation", "cityOfBirth", "publicSchoolResidenceStatus")

FILES: dict[str, Layout] = {
    "orgs": _file(
        own={ZONE: READ},
        name=NAME,
        type=one_of("department", "school", "district", "local", "state", "national"),
        identifier=READ,
        parentSourcedId=ref("orgs", needed=False),
    ),
    "academicSessions": _file(
        span=("startDate", "endDate"),
        title=NAME,
        type=one_of("gradingPeriod", "semester", "schoolYear", "term"),
        startDate=NEEDED_DATE,
        endDate=NEEDED_DATE,
        parentSourcedId=ref("academicSessions", needed=False),
        schoolYear=LEFT,
    ),
    "courses": _file(
        "grades", "subjectCodes",
        schoolYearSourcedId=ref("academicSessions", needed=False),
        title=NAME,
        courseCode=READ,
        orgSourcedId=ref("orgs"),
        subjects=READ,
    ),
    "classes": _file(
        "subjectCodes", "periods",
        title=NAME,
        grades=READ,
        courseSourcedId=ref("courses"),
        classCode=READ,
        classType=one_of("homeroom", "scheduled"),
        location=READ,
        schoolSourcedId=ref("orgs"),
        termSourcedIds=refs("academicSessions", needed=True),
        subjects=READ,
    ),
    "users": _file(
        "userIds", "password", "userMasterIdentifier", "resourceSourcedIds", "pronouns",
        "preferredGivenName", "preferredMiddleName", "preferredFamilyName",
        username=NAME,
        givenName=NAME,
        familyName=NAME,
        middleName=READ,
        identifier=READ,
        email=READ,
        sms=READ,
        phone=READ,
        agentSourcedIds=refs("users"),
        grades=READ,
        primaryOrgSourcedId=ref("orgs", needed=False),
        enabledUser=YES_NO,
    ),
    "roles": _file(
        span=("beginDate", "endDate"),
        userSourcedId=ref("users"),
        roleType=one_of("primary", "secondary", read=False),
        role=one_of(
            "aide", "counselor", "districtAdministrator", "guardian", "parent", "principal", "proctor", "relative",
            "siteAdministrator", "student", "systemAdministrator", "teacher",
        ),
        beginDate=DATE,
        endDate=DATE,
        orgSourcedId=ref("orgs"),
        userProfileSourcedId=LEFT,
    ),
    "enrollments": _file(
        span=("beginDate", "endDate"),
        classSourcedId=ref("classes"),
        schoolSourcedId=ref("orgs"),
        userSourcedId=ref("users"),
        role=one_of("administrator", "proctor", "student", "teacher"),
        primary=YES_NO,
        beginDate=DATE,
        endDate=DATE,
    ),
    "demographics": _file(
        *RACES, *BIRTHPLACE,
        required=False,
        birthDate=DATE,
        sex=Column("choice", choices=("male", "female", "unspecified", "other")),
    ),
}  # fmt: skip
"""In the order of reading. A demographics row's own id is the user's."""

OWN_REFERENCES = (("demographics", "sourcedId", "users"),)
"""Ids that are references besides."""
