"""Who is who: schools, years, classes, people, family ties. Written by the roster service.

A described thing carries its whole state: a later description replaces the earlier one. Ids are derived from the
district's and the source system's, so that the same bundle always means the same things.
"""

from datetime import date
from operator import not_
from typing import Annotated, Literal
from uuid import UUID, uuid5

from pydantic import Field

from shared.contracts import Code, Event, Part, Sealed, Title, contract

NAMESPACE = UUID("6f1f8f2e-7c1c-5a41-9d0c-3a1f6f0d8b11")

Zone = Annotated[str, Field(pattern=r"^[A-Za-z_]+(/[A-Za-z0-9_+-]+)*$")]
Role = Literal["pupil", "parent", "teacher", "office", "administrator", "officer", "support"]
Right = Literal["see", "act", "notices"]


def derived_id(district: str, kind: str, source_id: str) -> UUID:
    """The id of a thing known to the district's system: `kind` is the bundle's file without its ending."""
    return uuid5(NAMESPACE, f"{district}/{kind}/{source_id}")


@contract("diary.roster.school-described.v1")
class SchoolDescribed(Event):
    """A school, or the district itself, got its name and place."""

    school_id: UUID = Field(description="the school; the district's own id for the district")
    district_id: UUID = Field(description="the district it belongs to")
    kind: Literal["district", "school"] = Field(description="whether it is the district's office or a school")
    name: Title = Field(description="the official name")
    code: Title = Field(description="the number the district knows it by")
    time_zone: Zone = Field(description="IANA time zone of its calendar")


class Term(Part):
    term_id: UUID = Field(description="the term, quarter or grading period")
    parent_id: UUID | None = Field(None, description="the term it is a part of; none for those of the year")
    title: Title = Field(description="its name")
    kind: Literal["term", "period"] = Field(description="a term, or a marking period inside one")
    starts: date = Field(description="first day")
    ends: date = Field(description="last day")


@contract("diary.roster.year-planned.v1", key="district_id")
class YearPlanned(Event):
    """A school year with its terms."""

    year_id: UUID = Field(description="the school year")
    district_id: UUID = Field(description="the district whose year it is")
    title: Title = Field(description="for example 2021-2022")
    starts: date = Field(description="first day")
    ends: date = Field(description="last day")
    terms: tuple[Term, ...] = Field(description="terms and marking periods in order of their first day")


@contract("diary.roster.group-described.v1")
class GroupDescribed(Event):
    """A class, subgroup or elective: those who have one subject together."""

    group_id: UUID = Field(description="the group")
    school_id: UUID = Field(description="its school")
    title: Title = Field(description="what the timetable calls it")
    subject: Title = Field(description="the subject as the report shows it")
    course: Title = Field(description="the course's code; groups of one course are parallel")
    room: Title | None = Field(None, description="usual room")
    starts: date = Field(description="first day")
    ends: date = Field(description="last day")
    homeroom: Annotated[bool, Field(exclude_if=not_)] = Field(
        False, description="the class itself: who teaches it is the tutor of those who learn in it"
    )
    grades: Annotated[tuple[Title, ...], Field(exclude_if=not_)] = Field(
        (), description="the years of study it is meant for, as the district writes them; none: not said"
    )


@contract("diary.roster.group-closed.v1")
class GroupClosed(Event):
    """A group is no longer in the district's bundle; its history stays."""

    group_id: UUID = Field(description="the group")
    school_id: UUID = Field(description="its school")
    closed_on: date = Field(description="the first day without it")


class Enrolment(Part):
    person_id: UUID = Field(description="the pupil or teacher")
    role: Literal["pupil", "teacher"] = Field(description="learns in the group, or teaches it")
    starts: date = Field(description="first day")
    ends: date = Field(description="last day")
    primary: bool = Field(False, description="the teacher responsible for the group")


@contract("diary.roster.enrolments-set.v1")
class EnrolmentsSet(Event):
    """The whole list of a group, with dates: who learns in it and who teaches it, since when and until when."""

    group_id: UUID = Field(description="the group")
    school_id: UUID = Field(description="its school")
    enrolments: tuple[Enrolment, ...] = Field(description="everyone, also those who left")


@contract("diary.roster.person-described.v1", key="person_id")
class PersonDescribed(Event):
    """A person's names and personal data, sealed with the person's own key."""

    person_id: UUID = Field(description="the person")
    district_id: UUID = Field(description="the district that keeps the record")
    family_name: Sealed = Field(description="surname")
    given_name: Sealed = Field(description="first name")
    middle_name: Sealed | None = Field(None, description="patronymic or middle name")
    birth_date: Sealed | None = Field(None, description="ISO date")
    identifier: Sealed | None = Field(None, description="the number the school knows the person by")
    username: Sealed | None = Field(None, description="login name the district gives out")
    email: Sealed | None = Field(None, description="e-mail address")
    phone: Sealed | None = Field(None, description="telephone number")
    grade: Title | None = Field(None, description="year of study, pupils only")


class RoleHeld(Part):
    role: Role = Field(description="what the person is there")
    school_id: UUID = Field(description="where; the district's id for officers")
    starts: date = Field(description="first day")
    ends: date = Field(description="last day")


@contract("diary.roster.roles-set.v1", key="person_id")
class RolesSet(Event):
    """All roles of a person, with dates."""

    person_id: UUID = Field(description="the person")
    roles: tuple[RoleHeld, ...] = Field(description="every role at every school")


class Tie(Part):
    guardian_id: UUID = Field(description="the parent or other guardian")
    relation: Code = Field(description="for example parent, guardian, contact")
    rights: tuple[Right, ...] = Field(description="see the child's data, act for it, get notices; none: it has ended")
    by_school: Annotated[bool, Field(exclude_if=not_)] = Field(
        False, description="the school's own word, which an import leaves as it is; else the district's"
    )


@contract("diary.roster.family-set.v1", key="pupil_id")
class FamilySet(Event):
    """All guardians of a pupil with their rights. One who is not in it has none any more."""

    pupil_id: UUID = Field(description="the child")
    ties: tuple[Tie, ...] = Field(description="everyone who may see something")


Relation = Literal["parent", "guardian", "relative"]


@contract("diary.roster.claim-made.v1")
class ClaimMade(Event):
    """Somebody says that a child of a school is his. It opens nothing until the school confirms it."""

    claim_id: UUID = Field(description="this claim")
    school_id: UUID = Field(description="the school he names")
    guardian_id: UUID = Field(description="who says so")
    guardian: Sealed = Field(description="his name; sealed with his key, as all words of a claim")
    child: Sealed = Field(description="the child's name, as he wrote it")
    class_title: Sealed = Field(description="the child's class, as he wrote it")
    relation: Relation = Field(description="what he says he is to the child")


@contract("diary.roster.claim-decided.v1")
class ClaimDecided(Event):
    """The school confirmed a claim, for one of its pupils, or declined it."""

    claim_id: UUID = Field(description="the claim")
    school_id: UUID = Field(description="the school")
    guardian_id: UUID = Field(description="who had made it")
    pupil_id: UUID | None = Field(None, description="the child it was confirmed for; none: it was declined")


@contract("diary.roster.claim-withdrawn.v1")
class ClaimWithdrawn(Event):
    """Who made a claim takes it back."""

    claim_id: UUID = Field(description="the claim")
    school_id: UUID = Field(description="the school he had named")


@contract("diary.roster.invitation-issued.v1")
class InvitationIssued(Event):
    """The school gives out a code that ties whoever redeems it to a pupil, once. The code itself is written nowhere."""

    invitation_id: UUID = Field(description="this invitation")
    school_id: UUID = Field(description="the school")
    pupil_id: UUID = Field(description="the child")
    relation: Relation = Field(description="what the guest will be to the child")
    rights: tuple[Right, ...] = Field(description="what he will have")
    expires_on: date = Field(description="the last day on which the code opens anything")


@contract("diary.roster.invitation-redeemed.v1")
class InvitationRedeemed(Event):
    """Somebody showed an invitation's code, and is tied to the child."""

    invitation_id: UUID = Field(description="the invitation")
    school_id: UUID = Field(description="the school")
    pupil_id: UUID = Field(description="the child")
    guardian_id: UUID = Field(description="who showed it")


@contract("diary.roster.invitation-withdrawn.v1")
class InvitationWithdrawn(Event):
    """The school takes an invitation back before it was redeemed."""

    invitation_id: UUID = Field(description="the invitation")
    school_id: UUID = Field(description="the school")
    pupil_id: UUID = Field(description="the child")


TIE_REQUESTS: frozenset[type[Event]] = frozenset(
    {ClaimMade, ClaimDecided, ClaimWithdrawn, InvitationIssued, InvitationRedeemed, InvitationWithdrawn}
)
"""How a tie came about. What holds is in `family-set`, so most readers leave these aside."""


@contract("diary.roster.person-erased.v1", key="person_id")
class PersonErased(Event):
    """A person's data were destroyed for good: the key goes, and with it every text and name; opened copies have to go.

    Ids stay, so that what others decided about them still adds up.
    """

    person_id: UUID = Field(description="the person")
    district_id: UUID = Field(description="the district that kept the record")
    act: Title = Field(description="number and day of the act of destruction")


@contract("diary.roster.import-applied.v1", key="district_id")
class ImportApplied(Event):
    """All decisions of one import are stored; from now on it is shown."""

    import_id: UUID = Field(description="the import")
    district_id: UUID = Field(description="whose bundle")
    changed: int = Field(ge=0, description="how many events it made, this one not counted")
