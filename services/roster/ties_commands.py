"""Use cases of ties: who may claim, confirm, invite, redeem, change and end them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from services.roster import questions, ties, ties_views
from services.roster.commands import Roster
from services.roster.domain import ImportUnderWay
from services.roster.imports import UNDER_WAY
from services.roster.ties import Claim, CodeInvalid, Invitation, NoSuchSchool, NotOurPupil, Say
from services.roster.views import NO_IMPORT
from shared.contracts import Event
from shared.contracts.roster import InvitationIssued, Relation, Right
from shared.errors import NotFound
from shared.eventstore import Answer, Change, Intent, Ledger
from shared.postgres import Conn
from shared.sealed import Destroyed, KeyRing
from shared.web.auth import Caller

RUN = ("office", "administrator")
"""Who speaks for a school."""


@dataclass(frozen=True)
class Asked:
    """Who asks for a change, once."""

    roster: Roster
    ledger: Ledger
    intent: Intent
    by: Caller

    def within(self, *more: UUID) -> Intent:
        """The same intent, which may also write about these people and schools."""
        return replace(self.intent, scope=tuple(dict.fromkeys((*self.intent.scope, *more))))

    @property
    def schools(self) -> tuple[UUID, ...]:
        """Those that the caller runs."""
        return self.by.schools_as(*RUN)


@dataclass(frozen=True)
class NewClaim:
    claim_id: UUID
    school_id: UUID
    child: str
    class_title: str
    relation: Relation


def make_claim(asked: Asked, new: NewClaim) -> Answer:
    """Say that a child of a school is one's own. Raises NoSuchSchool, ClaimKnown, TooManyClaims."""
    with asked.roster.asked_by(asked.by) as (conn, asker):
        if not ties_views.is_school(conn, new.school_id):
            raise NoSuchSchool("/school_id")
        name = questions.me(conn, asker)["name"]
    said = (name, new.child, new.class_title, new.relation)
    say = Say(new.claim_id, new.school_id, asked.by.person_id, *said)

    def decide(claim: Claim, conn: Conn) -> list[Event]:
        return ties.make_claim(claim, say, ties_views.waiting_of(conn, asked.by.person_id))

    return asked.ledger.change(new.claim_id, Claim(), ties.evolve_claim, decide, asked.within(new.school_id))


def withdraw_claim(asked: Asked, claim_id: UUID) -> Answer:
    """Take one's own claim back. Raises NotFound, ClaimEnded."""
    school, claimant, _ = _claim(asked, claim_id)
    if claimant != asked.by.person_id:
        raise NotFound()

    def decide(claim: Claim, conn: Conn) -> list[Event]:
        return ties.withdraw_claim(claim)

    return asked.ledger.change(claim_id, Claim(), ties.evolve_claim, decide, asked.within(school))


def decide_claim(asked: Asked, claim_id: UUID, pupil: UUID | None, rights: Sequence[Right]) -> Answer:
    """Confirm a claim for one of one's school's pupils, or decline it (no pupil). Nobody decides about his own.

    Raises NotFound, NotOurPupil, ClaimEnded, OwnGuardian, ImportUnderWay.
    """
    school, claimant, relation = _claim(asked, claim_id)
    if school not in asked.schools or claimant == asked.by.person_id:
        raise NotFound()
    if pupil is not None:
        _learns(asked, pupil, (school,))

    def decide(claim: Claim, conn: Conn) -> list[Event]:
        return ties.decide_claim(claim, pupil)

    def tie(standing: ties.Ties, conn: Conn) -> list[Event]:
        assert pupil is not None
        _no_import(conn, school)
        return ties.say_tie(standing, pupil, claimant, relation, rights)

    changes: list[Change[Any]] = [Change(claim_id, Claim(), ties.evolve_claim, decide)]
    if pupil is not None:
        changes.append(Change(pupil, ties.NONE, ties.evolve_family, tie))
    intent = asked.within(NO_IMPORT, school, claimant, *([pupil] if pupil else []))
    return asked.ledger.change_many(changes, intent)


@dataclass(frozen=True)
class NewInvitation:
    """`days`: for how many it holds, today not counted."""

    invitation_id: UUID
    pupil_id: UUID
    relation: Relation
    rights: tuple[Right, ...]
    days: int


def invite(asked: Asked, ring: KeyRing, new: NewInvitation) -> tuple[Answer, str]:
    """Give out a code for one of one's school's pupils; the same command again gives the same code.

    Raises NotOurPupil, InvitationKnown, NoAnswer.
    """
    school = _learns(asked, new.pupil_id, asked.schools)
    key = ring.keys([new.pupil_id], create=True)[new.pupil_id]
    if isinstance(key, Destroyed):
        raise NotOurPupil("/pupil_id")
    code = ties.code_of(key, new.invitation_id)
    code_hash = ties.code_hash(code)
    assert code_hash is not None

    def decide(invitation: Invitation, conn: Conn) -> list[Event]:
        _, zone = ties_views.place_of(conn, school) or (school, "UTC")
        expires_on = asked.roster.calendar.today(zone) + timedelta(days=new.days)
        wanted = InvitationIssued(
            invitation_id=new.invitation_id, school_id=school, pupil_id=new.pupil_id, relation=new.relation,
            rights=ties.whole(new.rights), expires_on=expires_on,
        )  # fmt: skip
        events = ties.issue(invitation, wanted)
        ties_views.keep_code(conn, code_hash, new.invitation_id, school, new.pupil_id)
        return events

    intent = asked.within(school, new.pupil_id)
    return asked.ledger.change(new.invitation_id, Invitation(), ties.evolve_invitation, decide, intent), code


def withdraw_invitation(asked: Asked, invitation_id: UUID) -> Answer:
    """Raises NotFound, InvitationEnded."""
    with asked.roster.asked_by(asked.by) as (conn, _):
        if ties_views.pupil_invited(conn, invitation_id, asked.schools) is None:
            raise NotFound()

    def decide(invitation: Invitation, conn: Conn) -> list[Event]:
        return ties.withdraw_invitation(invitation)

    return asked.ledger.change(invitation_id, Invitation(), ties.evolve_invitation, decide, asked.intent)


def invitations(roster: Roster, by: Caller, pupil: UUID) -> list[dict[str, Any]]:
    """What the caller's school has given out for one of its pupils, the newest first. Raises NotOurPupil."""
    schools = by.schools_as(*RUN)
    with roster.asked_by(by) as (conn, asker):
        if ties_views.school_of(conn, pupil, schools, asker.on) is None:
            raise NotOurPupil()
        return ties_views.invitations_of(conn, pupil, schools)


def redeem(asked: Asked, code: str) -> Answer:
    """Show an invitation's code: the caller is tied to its pupil. Raises CodeInvalid, OwnGuardian, ImportUnderWay."""
    code_hash = ties.code_hash(code)
    with asked.roster.asked_by(asked.by) as (conn, _):
        found = ties_views.of_code(conn, code_hash) if code_hash else None
    if found is None:
        raise CodeInvalid("/code")
    invitation_id, school, pupil = found
    guest = asked.by.person_id
    issued: list[InvitationIssued] = []

    def use(invitation: Invitation, conn: Conn) -> list[Event]:
        _, zone = ties_views.place_of(conn, school) or (school, "UTC")
        events = ties.redeem(invitation, guest, asked.roster.calendar.today(zone))
        assert invitation.issued is not None
        issued[:] = [invitation.issued]
        return events

    def tie(standing: ties.Ties, conn: Conn) -> list[Event]:
        _no_import(conn, school)
        return ties.say_tie(standing, pupil, guest, issued[0].relation, issued[0].rights)

    changes: list[Change[Any]] = [
        Change(invitation_id, Invitation(), ties.evolve_invitation, use),
        Change(pupil, ties.NONE, ties.evolve_family, tie),
    ]
    return asked.ledger.change_many(changes, asked.within(NO_IMPORT, school, pupil))


def change_tie(asked: Asked, pupil: UUID, guardian: UUID, rights: Sequence[Right]) -> Answer:
    """Give a guardian other rights, or none: at once, and for all imports to come. Nobody changes his own.

    Raises NotOurPupil, NoSuchTie, NotFound, ImportUnderWay.
    """
    school = _learns(asked, pupil, asked.schools)
    if guardian == asked.by.person_id:
        raise NotFound()

    def decide(standing: ties.Ties, conn: Conn) -> list[Event]:
        _no_import(conn, school)
        return ties.change_tie(standing, pupil, guardian, rights)

    return asked.ledger.change(
        pupil, ties.NONE, ties.evolve_family, decide, asked.within(NO_IMPORT, school, pupil, guardian)
    )


def _claim(asked: Asked, claim_id: UUID) -> tuple[UUID, UUID, Relation]:
    """School, claimant, relation. Raises NotFound."""
    with asked.roster.asked_by(asked.by) as (conn, _):
        found = ties_views.claim(conn, claim_id)
    if found is None:
        raise NotFound()
    return found


def _learns(asked: Asked, pupil: UUID, schools: Sequence[UUID]) -> UUID:
    """The school of these where the pupil learns. Raises NotOurPupil."""
    with asked.roster.asked_by(asked.by) as (conn, asker):
        school = ties_views.school_of(conn, pupil, schools, asker.on)
    if school is None:
        raise NotOurPupil("/pupil_id")
    return school


NOT_JUDGED = "SELECT pg_try_advisory_xact_lock_shared(hashtextextended(%s, 7))"


def _no_import(conn: Conn, school: UUID) -> None:
    """An import that compares families now would say them anew without this word. Raises ImportUnderWay."""
    district, _ = ties_views.place_of(conn, school) or (school, "")
    if conn.execute(NOT_JUDGED, [str(district)]).fetchone() != (True,):
        raise ImportUnderWay()
    if conn.execute(UNDER_WAY, [district]).fetchone():
        raise ImportUnderWay()
