"""What sentences need of others' events: the works marks were given for, and the names of the children."""

from collections.abc import Sequence
from uuid import UUID

from shared.contracts import grades, roster
from shared.contracts.envelope import Received
from shared.contracts.grades import WorkChanged, WorkOpened, WorkPublished, WorkRemoved
from shared.contracts.roster import PersonDescribed
from shared.postgres import Conn
from shared.stream import Projection

WORK = """
INSERT INTO facts_works (work_id, school_id, group_id, on_date, number, kind, draft) VALUES (%s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (work_id) DO NOTHING
"""
KIND = "UPDATE facts_works SET kind = %s WHERE work_id = %s"
REMOVED = "UPDATE facts_works SET removed = true WHERE work_id = ANY (%s)"
PUBLISHED = "UPDATE facts_works SET draft = false WHERE work_id = ANY (%s)"
NAME_PERSON = """
INSERT INTO facts_names (person_id, family_name, given_name)
SELECT * FROM unnest(%b::uuid[], %b::text[], %b::text[])
ON CONFLICT (person_id) DO UPDATE SET family_name = excluded.family_name, given_name = excluded.given_name
"""
FORGET = "DELETE FROM facts_names WHERE person_id = ANY (%s)"
FORGET_ADDRESS = "DELETE FROM consents WHERE person_id = ANY (%s)"


def apply(conn: Conn, received: Sequence[Received]) -> None:
    """Keep works and opened names; a person whose key is destroyed is forgotten."""
    works = [one.event for one in received if isinstance(one.event, WorkOpened)]
    rows = [(w.work_id, w.school_id, w.group_id, w.on, w.number, w.kind, w.draft) for w in works]
    conn.cursor().executemany(WORK, rows)
    conn.cursor().executemany(KIND, [(w.kind, w.work_id) for w in _changes(received)])
    for query, kind in ((REMOVED, WorkRemoved), (PUBLISHED, WorkPublished)):
        if ids := [one.event.work_id for one in received if isinstance(one.event, kind)]:
            conn.execute(query, [ids])
    _name_people(conn, {one.event.person_id: one.event for one in received if isinstance(one.event, PersonDescribed)})


def _name_people(conn: Conn, described: dict[UUID, PersonDescribed]) -> None:
    named = [
        (id_, p.family_name.text, p.given_name.text) for id_, p in described.items() if p.family_name.text is not None
    ]
    if named:
        conn.execute(NAME_PERSON, [list(column) for column in zip(*named, strict=True)])
    if erased := [id_ for id_, p in described.items() if p.family_name.text is None]:
        conn.execute(FORGET, [erased])
        conn.execute(FORGET_ADDRESS, [erased])  # not among `tables`: a rebuild must not empty the consents


def _changes(received: Sequence[Received]) -> list[WorkChanged]:
    return [one.event for one in received if isinstance(one.event, WorkChanged)]


ERASED = (
    "DELETE FROM facts_names WHERE person_id = ANY (%(people)s)",
    "DELETE FROM consents WHERE person_id = ANY (%(people)s)",
    "DELETE FROM wishes WHERE person_id = ANY (%(people)s)",
    "DELETE FROM feeds WHERE person_id = ANY (%(people)s)",
    "DELETE FROM thresholds WHERE person_id = ANY (%(people)s) OR pupil_id = ANY (%(people)s)",
    "DELETE FROM standing_marks WHERE pupil_id = ANY (%(people)s)",
    "DELETE FROM standing_known WHERE pupil_id = ANY (%(people)s)",
    "UPDATE deliveries SET state = 'dropped', error = NULL WHERE person_id = ANY (%(people)s) AND state = 'owed'",
)

PROJECTION = Projection(
    name="notify.facts.1",
    topics=("diary.roster", "diary.grades"),
    apply=apply,
    handles=frozenset({WorkOpened, WorkChanged, WorkRemoved, WorkPublished, PersonDescribed}),
    leaves=frozenset(
        {
            grades.RuleSet,
            grades.PhrasesSet,
            grades.TargetSet,
            grades.PublicationPlanned,
            grades.MarksDrafted,
            grades.MarksGiven,
            grades.MarkCorrected,
            grades.MarkRemoved,
            grades.TermGraded,
            grades.TermGradeCorrected,
            grades.CouncilBegun,
            grades.CouncilWithdrawn,
            grades.TermPublished,
            grades.ReopeningAsked,
            grades.ReopeningDecided,
            grades.SheetLocked,
            roster.SchoolDescribed,
            roster.YearPlanned,
            roster.GroupDescribed,
            roster.GroupClosed,
            roster.EnrolmentsSet,
            roster.RolesSet,
            roster.FamilySet,
            *roster.TIE_REQUESTS,
            roster.PersonErased,
            roster.ImportApplied,
        }
    ),
    tables=("facts_works", "facts_names"),
    opens=True,
)
