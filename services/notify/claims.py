"""What a school answered to who had claimed a pupil as his child (B-10). Like all that is owed it acts from now."""

from collections.abc import Sequence
from uuid import uuid5

from psycopg.types.json import Jsonb

from shared.contracts import roster
from shared.contracts.envelope import Received
from shared.contracts.roster import ClaimDecided
from shared.postgres import Conn
from shared.stream import Projection

NOTE = """
INSERT INTO notices (notice_id, kind, school_id, person_ids, object_id, event_id, at, data)
VALUES (%s, 'claim', %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
"""


def apply(conn: Conn, received: Sequence[Received]) -> None:
    """No names: whose child it is, is read on the page that the notice leads to."""
    for one in received:
        decided = one.event
        assert isinstance(decided, ClaimDecided)
        said = {"claim": "confirmed" if decided.pupil_id else "declined"}
        whose = [decided.guardian_id], decided.claim_id
        conn.execute(NOTE, [uuid5(decided.claim_id, "claim"), decided.school_id, *whose, one.id, one.time, Jsonb(said)])


PROJECTION = Projection(
    name="notify.claims.1",
    topics=("diary.roster",),
    apply=apply,
    handles=frozenset({ClaimDecided}),
    leaves=(roster.TIE_REQUESTS - {ClaimDecided})
    | {
        roster.SchoolDescribed, roster.YearPlanned, roster.GroupDescribed, roster.GroupClosed, roster.EnrolmentsSet,
        roster.PersonDescribed, roster.PersonErased, roster.RolesSet, roster.FamilySet, roster.ImportApplied,
    },
    from_now=True,
)  # fmt: skip
