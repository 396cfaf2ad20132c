"""What the roster shows of claims and invitations; the ties themselves are shown with the families (views.py)."""

from collections.abc import Sequence
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

from psycopg.rows import dict_row

from shared.contracts.envelope import Received
from shared.contracts.roster import (
    ClaimDecided,
    ClaimMade,
    ClaimWithdrawn,
    InvitationIssued,
    InvitationRedeemed,
    InvitationWithdrawn,
    Relation,
)
from shared.postgres import Conn

Found = dict[str, Any]

CLAIMED = """
INSERT INTO claims (claim_id, school_id, guardian_id, guardian, child, class_title, relation, at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""
DECIDED = "UPDATE claims SET state = %s, pupil_id = %s, decided_by = %s, decided_at = %s WHERE claim_id = %s"
INVITED = """
INSERT INTO invitations (invitation_id, school_id, pupil_id, relation, rights, expires_on, at, by_id)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""
ENDED = "UPDATE invitations SET state = %s, guardian_id = %s, ended_at = %s WHERE invitation_id = %s"


def apply(conn: Conn, received: Sequence[Received]) -> None:
    """Bring the tables up to the events, which come opened."""
    for one in received:
        who, at = one.envelope.actor, one.time
        match one.event:
            case ClaimMade() as made:
                words = [made.guardian.text or "", made.child.text or "", made.class_title.text or ""]
                conn.execute(CLAIMED, [made.claim_id, made.school_id, made.guardian_id, *words, made.relation, at])
            case ClaimDecided(claim_id=claim, pupil_id=pupil):
                conn.execute(DECIDED, ["confirmed" if pupil else "declined", pupil, who, at, claim])
            case ClaimWithdrawn(claim_id=claim):
                conn.execute(DECIDED, ["withdrawn", None, who, at, claim])
            case InvitationIssued() as issued:
                what = [issued.relation, list(issued.rights), issued.expires_on]
                conn.execute(INVITED, [issued.invitation_id, issued.school_id, issued.pupil_id, *what, at, who])
            case InvitationRedeemed(invitation_id=invitation, guardian_id=guest):
                conn.execute(ENDED, ["redeemed", guest, at, invitation])
            case InvitationWithdrawn(invitation_id=invitation):
                conn.execute(ENDED, ["withdrawn", None, at, invitation])


NAMING = "SELECT set_config('diary.naming', 'on', true)"
NAMED = """
SELECT s.school_id, s.name, d.name AS district FROM schools s JOIN schools d ON d.school_id = s.district_id
WHERE s.kind = 'school' AND (s.name ILIKE %(like)s OR s.code = %(whole)s)
ORDER BY s.code = %(whole)s DESC, s.name, d.name, s.school_id LIMIT 20
"""
SCHOOL = "SELECT district_id, time_zone FROM schools WHERE school_id = %s AND kind = 'school'"


def schools_named(conn: Conn, query: str) -> list[Found]:
    """Schools whose name has these letters, or whose number it is: at most twenty. Any school, whoever asks."""
    like = query.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    conn.execute(NAMING)
    return _rows(conn, NAMED, {"like": f"%{like}%", "whole": query})


def is_school(conn: Conn, school: UUID) -> bool:
    """Whether there is such a school, whoever asks."""
    conn.execute(NAMING)
    return conn.execute(SCHOOL, [school]).fetchone() is not None


def place_of(conn: Conn, school: UUID) -> tuple[UUID, str] | None:
    """District and time zone of a school in the scope."""
    row = conn.execute(SCHOOL, [school]).fetchone()
    return (row[0], row[1]) if row else None


WAITING_OF = "SELECT count(*) FROM claims WHERE guardian_id = %s AND state = 'waiting'"
MINE: LiteralString = """
SELECT c.claim_id, c.school_id, s.name AS school, c.child, c.class_title, c.relation, c.at, c.state
FROM claims c JOIN schools s USING (school_id) WHERE c.guardian_id = %(me)s ORDER BY c.at DESC
"""
WAITING: LiteralString = """
SELECT claim_id, school_id, guardian_id, guardian, child, class_title, relation, at FROM claims
WHERE school_id = ANY (%(schools)s) AND state = 'waiting' ORDER BY at, claim_id
"""
CLAIM = "SELECT school_id, guardian_id, relation FROM claims WHERE claim_id = %s"


def waiting_of(conn: Conn, person: UUID) -> int:
    row = conn.execute(WAITING_OF, [person]).fetchone()
    return row[0] if row else 0


def claims_of(conn: Conn, person: UUID) -> list[Found]:
    """What he has claimed, the newest first, with the names of the schools."""
    conn.execute(NAMING)
    return _rows(conn, MINE, {"me": person})


def claims_waiting(conn: Conn, schools: Sequence[UUID]) -> list[Found]:
    """What these schools have to decide about, the oldest first."""
    return _rows(conn, WAITING, {"schools": list(schools)})


def claim(conn: Conn, claim_id: UUID) -> tuple[UUID, UUID, Relation] | None:
    """School, claimant and what he says he is to the child, as far as the scope shows it."""
    row = conn.execute(CLAIM, [claim_id]).fetchone()
    return (row[0], row[1], row[2]) if row else None


LEARNS = "SELECT school_id FROM roles WHERE person_id = %s AND role = 'pupil' AND school_id = ANY (%s) AND ends >= %s"


def school_of(conn: Conn, pupil: UUID, schools: Sequence[UUID], on: date) -> UUID | None:
    """Which of these schools the pupil learns at, on that day or from a later one."""
    row = conn.execute(LEARNS, [pupil, list(schools), on]).fetchone()
    return row[0] if row else None


KEEP_CODE = "INSERT INTO invitation_codes (secret_hash, invitation_id, school_id, pupil_id) VALUES (%s, %s, %s, %s)"
SHOWN_CODE = "SELECT set_config('diary.code', %s, true)"
OF_CODE = "SELECT invitation_id, school_id, pupil_id FROM invitation_codes WHERE secret_hash = %s"
OPEN: LiteralString = """
SELECT invitation_id, pupil_id, relation, rights, expires_on, at, by_id AS by, state, guardian_id, ended_at
FROM invitations WHERE pupil_id = %(pupil)s AND school_id = ANY (%(schools)s) ORDER BY at DESC
"""
INVITATION = "SELECT pupil_id FROM invitations WHERE invitation_id = %s AND school_id = ANY (%s)"


def keep_code(conn: Conn, code_hash: str, invitation: UUID, school: UUID, pupil: UUID) -> None:
    conn.execute(KEEP_CODE, [code_hash, invitation, school, pupil])


def of_code(conn: Conn, code_hash: str) -> tuple[UUID, UUID, UUID] | None:
    """Invitation, school and pupil of a code, whoever shows it."""
    conn.execute(SHOWN_CODE, [code_hash])
    row = conn.execute(OF_CODE, [code_hash]).fetchone()
    return (row[0], row[1], row[2]) if row else None


def invitations_of(conn: Conn, pupil: UUID, schools: Sequence[UUID]) -> list[Found]:
    """All that these schools have given out for the pupil, the newest first."""
    return _rows(conn, OPEN, {"pupil": pupil, "schools": list(schools)})


def pupil_invited(conn: Conn, invitation: UUID, schools: Sequence[UUID]) -> UUID | None:
    row = conn.execute(INVITATION, [invitation, list(schools)]).fetchone()
    return row[0] if row else None


def _rows(conn: Conn, query: LiteralString, facts: dict[str, Any]) -> list[Found]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, facts).fetchall()
