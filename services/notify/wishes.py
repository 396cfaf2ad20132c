"""What a person wants to be told, and how: a small event-sourced domain with its view. One stream a person."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from services.notify import feeds, thresholds
from shared.contracts import Event, seal
from shared.contracts.envelope import Received
from shared.contracts.notify import Channel, ConsentGiven, ConsentWithdrawn, Wish, WishesSet
from shared.errors import Refused
from shared.postgres import Conn

TABLES = ("wishes", "consents", "thresholds", *feeds.TABLES)

DEFAULTS: dict[str, tuple[Channel, ...]] = {
    "mark": ("portal", "email"),
    "absence": ("portal", "email"),
    "late": ("portal",),
    "term": ("portal", "email"),
    "test": ("portal", "email"),
    "threshold": ("portal", "email"),
    "decline": ("portal", "email"),
    "timetable": ("portal", "email"),
    "remark": ("portal", "email"),
    "message": ("portal", "email"),
    "comment": ("portal", "email"),
    "claim": ("portal", "email"),
    "journal": ("portal",),
}
"""How a person is told who wished nothing. Letters go only to an address the person consented to."""


class UnknownKind(Refused):
    """There are no notices of the kind «{kind}»."""

    code = "notify.unknown-kind"
    ru = "Уведомлений вида «{kind}» нет."


class KindTwice(Refused):
    """«{kind}» is named twice."""

    code = "notify.kind-twice"
    ru = "«{kind}» указано дважды."


class ChannelNotReady(Refused):
    """Notices by «{channel}» are not sent yet."""

    code = "notify.channel-not-ready"
    ru = "Уведомления через «{channel}» пока не отправляются."


class NoConsent(Refused):
    """You have not agreed to be written to by «{channel}»."""

    code = "notify.no-consent"
    kind = "missing"
    ru = "Вы не давали согласия на уведомления через «{channel}»."


@dataclass(frozen=True)
class Wishes:
    """What decisions need: the wishes as set, and the channels consented to."""

    set_: tuple[Wish, ...] = ()
    consents: frozenset[Channel] = field(default_factory=frozenset)


def evolve(wishes: Wishes, event: Event) -> Wishes:
    match event:
        case WishesSet(wishes=new):
            return replace(wishes, set_=new)
        case ConsentGiven(channel=channel):
            return replace(wishes, consents=wishes.consents | {channel})
        case ConsentWithdrawn(channel=channel):
            return replace(wishes, consents=wishes.consents - {channel})
    return wishes


def set_wishes(wishes: Wishes, person: UUID, new: Sequence[Wish]) -> list[Event]:
    for n, wish in enumerate(new):
        if wish.kind not in DEFAULTS:
            raise UnknownKind(f"/wishes/{n}/kind", kind=wish.kind)
        if wish.kind in {earlier.kind for earlier in new[:n]}:
            raise KindTwice(f"/wishes/{n}/kind", kind=wish.kind)
        for channel in wish.channels:
            _ready(channel, f"/wishes/{n}/channels")
    return [] if tuple(new) == wishes.set_ else [WishesSet(person_id=person, wishes=tuple(new))]


def give_consent(wishes: Wishes, person: UUID, channel: Channel, address: str) -> list[Event]:
    """The portal needs none."""
    _ready(channel, "/channel")
    if channel == "portal":
        return []
    return [ConsentGiven(person_id=person, channel=channel, address=seal(person, address))]


def withdraw_consent(wishes: Wishes, person: UUID, channel: Channel) -> list[Event]:
    if channel not in wishes.consents:
        raise NoConsent("/channel", channel=channel)
    return [ConsentWithdrawn(person_id=person, channel=channel)]


def _ready(channel: Channel, at: str) -> None:
    if channel not in ("portal", "email"):
        raise ChannelNotReady(at, channel=channel)


FORGET_WISHES = "DELETE FROM wishes WHERE person_id = %s"
WISH = "INSERT INTO wishes (person_id, kind, channels) VALUES (%s, %s, %s)"
CONSENT = """
INSERT INTO consents (person_id, channel, address, at) VALUES (%s, %s, %s, %s)
ON CONFLICT (person_id, channel) DO UPDATE SET address = excluded.address, at = excluded.at
"""
WITHDRAW = "DELETE FROM consents WHERE person_id = %s AND channel = %s"


def apply(conn: Conn, received: Sequence[Received]) -> None:
    """The view, written in the event's own transaction; addresses are kept opened here and nowhere else."""
    for one in received:
        match one.event:
            case WishesSet(person_id=person, wishes=new):
                conn.execute(FORGET_WISHES, [person])
                conn.cursor().executemany(WISH, [(person, w.kind, list(w.channels)) for w in new])
            case ConsentGiven(person_id=person, channel=channel, address=address):
                conn.execute(CONSENT, [person, channel, address.text or "", one.time])
            case ConsentWithdrawn(person_id=person, channel=channel):
                conn.execute(WITHDRAW, [person, channel])
    thresholds.apply(conn, received)
    feeds.apply(conn, received)


def of(conn: Conn, person: UUID) -> dict[str, tuple[str, ...]]:
    """Channels by kind, defaults filled in."""
    rows = conn.execute("SELECT kind, channels FROM wishes WHERE person_id = %s", [person])
    return {**DEFAULTS, **{kind: tuple(channels) for kind, channels in rows}}


def consents(conn: Conn, person: UUID) -> list[dict[str, Any]]:
    """Addresses consented to, by channel."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute("SELECT channel, address, at FROM consents WHERE person_id = %s", [person]).fetchall()
