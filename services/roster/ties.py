"""Ties between a pupil and his guardians: the district's import says most of them, the school the rest. Pure.

A school's word stands over the import's (`joined`). It is given when the school confirms a claim, when somebody shows
the code of its invitation, and when it changes or ends a tie. Naming a school and a class opens nothing (B-10).
"""

import hashlib
import hmac
from base64 import b32decode, b32encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal
from uuid import UUID

from shared.contracts import Event, seal
from shared.contracts.roster import (
    ClaimDecided,
    ClaimMade,
    ClaimWithdrawn,
    FamilySet,
    InvitationIssued,
    InvitationRedeemed,
    InvitationWithdrawn,
    Relation,
    Right,
    Tie,
)
from shared.errors import NotFound, Refused

WAITING = 5
"""Claims of one person that may wait at once."""
DAYS = 14
"""Days that an invitation holds unless the school says otherwise, and 60 at most."""
RIGHTS: tuple[Right, ...] = ("see", "act", "notices")
CODE_BYTES = 16
"""128 bits, as ASVS 6.4.1 asks of what is used once."""


class ClaimKnown(Refused):
    """This claim was sent already, with other contents."""

    code = "roster.claim-known"
    kind = "conflict"
    ru = "Эта заявка уже отправлена, с другим содержанием."


class TooManyClaims(Refused):
    """{most} of your claims wait for a school already. Wait for its answer, or take one back."""

    code = "roster.too-many-claims"
    kind = "conflict"
    ru = "Ответа школы уже ждут заявки: {most}. Дождитесь его или отзовите одну из них."


class NoSuchSchool(Refused):
    """There is no such school. Choose one from the list."""

    code = "roster.no-such-school"
    ru = "Такой школы нет. Выберите школу из списка."


class ClaimEnded(Refused):
    """This claim is decided already, or was taken back."""

    code = "roster.claim-ended"
    kind = "conflict"
    ru = "По этой заявке уже есть решение, или её отозвали."


class NotOurPupil(Refused):
    """Nobody with this id learns at your school. Choose the pupil from the list."""

    code = "roster.not-our-pupil"
    kind = "missing"
    ru = "Такого ученика в вашей школе нет. Выберите его из списка."


class OwnGuardian(Refused):
    """Nobody is his own guardian."""

    code = "roster.own-guardian"
    ru = "Человек не может быть своим же представителем."


class InvitationKnown(Refused):
    """This invitation was given out already, with other contents."""

    code = "roster.invitation-known"
    kind = "conflict"
    ru = "Это приглашение уже выдано, с другим содержанием."


class CodeInvalid(Refused):
    """This code opens nothing: mistyped, used already, taken back, or expired. Ask the school for a new one."""

    code = "roster.code-invalid"
    ru = "Код не подходит: в нём опечатка, его уже использовали, отозвали или его срок истёк. Попросите в школе новый."


class InvitationEnded(Refused):
    """This invitation was used, or taken back, already."""

    code = "roster.invitation-ended"
    kind = "conflict"
    ru = "Это приглашение уже использовали или отозвали."


class NoSuchTie(Refused):
    """This person is no guardian of the pupil."""

    code = "roster.no-such-tie"
    kind = "missing"
    ru = "Этот человек не представитель ученика."


@dataclass(frozen=True)
class Claim:
    made: ClaimMade | None = None
    state: Literal["waiting", "confirmed", "declined", "withdrawn"] = "waiting"


@dataclass(frozen=True)
class Say:
    """What somebody claims."""

    claim_id: UUID
    school_id: UUID
    guardian_id: UUID
    guardian: str
    child: str
    class_title: str
    relation: Relation


def evolve_claim(claim: Claim, event: Event) -> Claim:
    match event:
        case ClaimMade():
            return Claim(event)
        case ClaimDecided(pupil_id=pupil):
            return replace(claim, state="confirmed" if pupil else "declined")
        case ClaimWithdrawn():
            return replace(claim, state="withdrawn")
    return claim


def make_claim(claim: Claim, say: Say, waiting: int) -> list[Event]:
    """`waiting`: how many of his claims wait already. Raises ClaimKnown, TooManyClaims."""
    if claim.made is not None:
        raise ClaimKnown()
    if waiting >= WAITING:
        raise TooManyClaims(most=WAITING)
    guardian, child, class_title = (seal(say.guardian_id, text) for text in (say.guardian, say.child, say.class_title))
    return [
        ClaimMade(
            claim_id=say.claim_id, school_id=say.school_id, guardian_id=say.guardian_id, guardian=guardian,
            child=child, class_title=class_title, relation=say.relation,
        )
    ]  # fmt: skip


def decide_claim(claim: Claim, pupil: UUID | None) -> list[Event]:
    """Confirm it for a pupil, or decline it (None). Raises NotFound, ClaimEnded, OwnGuardian."""
    made = _waiting(claim)
    if pupil == made.guardian_id:
        raise OwnGuardian("/pupil_id")
    return [
        ClaimDecided(
            claim_id=made.claim_id, school_id=made.school_id, guardian_id=made.guardian_id, pupil_id=pupil
        )
    ]  # fmt: skip


def withdraw_claim(claim: Claim) -> list[Event]:
    """Twice changes nothing. Raises NotFound, ClaimEnded."""
    if claim.state == "withdrawn":
        return []
    made = _waiting(claim)
    return [ClaimWithdrawn(claim_id=made.claim_id, school_id=made.school_id)]


def _waiting(claim: Claim) -> ClaimMade:
    if claim.made is None:
        raise NotFound()
    if claim.state != "waiting":
        raise ClaimEnded()
    return claim.made


@dataclass(frozen=True)
class Invitation:
    issued: InvitationIssued | None = None
    ended: bool = False


def evolve_invitation(invitation: Invitation, event: Event) -> Invitation:
    match event:
        case InvitationIssued():
            return Invitation(event)
        case InvitationRedeemed() | InvitationWithdrawn():
            return replace(invitation, ended=True)
    return invitation


def issue(invitation: Invitation, wanted: InvitationIssued) -> list[Event]:
    """Raises InvitationKnown."""
    if invitation.issued is not None:
        raise InvitationKnown()
    return [wanted]


def redeem(invitation: Invitation, guest: UUID, today: date) -> list[Event]:
    """Once, until it expires, by anybody but the child. Raises CodeInvalid, which does not tell why; OwnGuardian."""
    issued = invitation.issued
    if issued is None or invitation.ended or today > issued.expires_on:
        raise CodeInvalid("/code")
    if guest == issued.pupil_id:
        raise OwnGuardian()
    return [
        InvitationRedeemed(
            invitation_id=issued.invitation_id, school_id=issued.school_id, pupil_id=issued.pupil_id, guardian_id=guest
        )
    ]  # fmt: skip


def withdraw_invitation(invitation: Invitation) -> list[Event]:
    """Raises NotFound, InvitationEnded."""
    issued = invitation.issued
    if issued is None:
        raise NotFound()
    if invitation.ended:
        raise InvitationEnded()
    return [
        InvitationWithdrawn(
            invitation_id=issued.invitation_id, school_id=issued.school_id, pupil_id=issued.pupil_id
        )
    ]  # fmt: skip


def code_of(key: bytes, invitation: UUID) -> str:
    """The code of an invitation, 26 letters and digits: made from the pupil's key, so that it is kept nowhere."""
    made = hmac.digest(key, b"diary.roster.invitation" + invitation.bytes, hashlib.sha256)
    return b32encode(made[:CODE_BYTES]).decode().rstrip("=")


def code_hash(typed: str) -> str | None:
    """By what a code is found; letter case, spaces and dashes do not count. None: what was typed is no code."""
    code = "".join(letter for letter in typed.upper() if letter.isalnum())
    try:
        secret = b32decode(code + "=" * (-len(code) % 8))
    except ValueError:
        return None
    return hashlib.sha256(secret).hexdigest() if len(secret) == CODE_BYTES else None


Ties = tuple[Tie, ...]
NONE: Ties = ()


def evolve_family(ties: Ties, event: Event) -> Ties:
    return event.ties if isinstance(event, FamilySet) else ties


def joined(imported: Iterable[Tie], said: Iterable[Tie]) -> Ties:
    """What the district's bundle says, and over it what the school said; always in the same order."""
    words = {tie.guardian_id: tie for tie in said if tie.by_school}
    kept = (tie for tie in imported if tie.guardian_id not in words)
    return (*kept, *(words[guardian] for guardian in sorted(words)))


def whole(rights: Sequence[Right]) -> tuple[Right, ...]:
    """In one order, each once; whoever may act for a child, or is told of it, sees its diary too."""
    return tuple(right for right in RIGHTS if right in rights or (rights and right == "see"))


def say_tie(ties: Ties, pupil: UUID, guardian: UUID, relation: Relation, rights: Sequence[Right]) -> list[Event]:
    """The school's word that somebody is a guardian. Said already, it changes nothing."""
    word = Tie(guardian_id=guardian, relation=relation, rights=whole(rights), by_school=True)
    now = joined((tie for tie in ties if not tie.by_school), [*ties, word])
    return [] if now == ties else [FamilySet(pupil_id=pupil, ties=now)]


def change_tie(ties: Ties, pupil: UUID, guardian: UUID, rights: Sequence[Right]) -> list[Event]:
    """Other rights of one who is a guardian; none: the tie ends. Raises NoSuchTie."""
    standing = next((tie for tie in ties if tie.guardian_id == guardian), None)
    if standing is None:
        raise NoSuchTie()
    if set(standing.rights) == set(whole(rights)):
        return []
    word = standing.model_copy(update={"rights": whole(rights), "by_school": True})
    return [FamilySet(pupil_id=pupil, ties=joined((tie for tie in ties if not tie.by_school), [*ties, word]))]
