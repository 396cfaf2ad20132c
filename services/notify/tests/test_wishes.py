"""Wishes and consents: given what a person said before, when he says something, then this happens."""

import pytest

from services.notify import wishes
from services.notify.wishes import (
    ChannelNotReady,
    KindTwice,
    NoConsent,
    UnknownKind,
    Wishes,
    evolve,
    give_consent,
    set_wishes,
    withdraw_consent,
)
from shared.contracts import seal
from shared.contracts.notify import Channel, ConsentGiven, ConsentWithdrawn, Wish, WishesSet
from shared.testing.given import Given
from shared.testing.rebuilt import before_and_after
from shared.testing.school import PAVEL, Running

given = Given(evolve, Wishes())


def wish(kind: str, *channels: Channel) -> Wish:
    return Wish(kind=kind, channels=channels)


def wished(*all_of_them: Wish) -> WishesSet:
    return WishesSet(person_id=PAVEL, wishes=all_of_them)


def agreed(address: str = "pavel@example.org") -> ConsentGiven:
    return ConsentGiven(person_id=PAVEL, channel="email", address=seal(PAVEL, address))


def test_wishes_are_set_whole() -> None:
    new = [wish("mark", "portal"), wish("late")]
    given(wished(wish("absence", "email"))).when(set_wishes, PAVEL, new).then(wished(*new))


def test_the_same_wishes_are_already_so() -> None:
    given(wished(wish("mark"))).when(set_wishes, PAVEL, [wish("mark")]).then()
    given().when(set_wishes, PAVEL, []).then()


def test_every_kind_that_is_told_can_be_wished() -> None:
    every = [wish(kind, "portal") for kind in wishes.DEFAULTS]
    given().when(set_wishes, PAVEL, every).then(wished(*every))


def test_a_kind_that_is_never_told_is_refused_at_its_place() -> None:
    new = [wish("mark"), wish("weather")]
    given().when(set_wishes, PAVEL, new).refused(UnknownKind, at=["/wishes/1/kind"])


def test_a_kind_named_twice_is_refused() -> None:
    new = [wish("mark", "portal"), wish("late"), wish("mark")]
    given().when(set_wishes, PAVEL, new).refused(KindTwice, at=["/wishes/2/kind"])


@pytest.mark.parametrize("channel", ["sms", "push", "telegram", "viber", "rss"])
def test_what_is_not_sent_yet_cannot_be_wished_nor_consented_to(channel: Channel) -> None:
    given().when(set_wishes, PAVEL, [wish("mark", channel)]).refused(ChannelNotReady, at=["/wishes/0/channels"])
    given().when(give_consent, PAVEL, channel, "1").refused(ChannelNotReady, at=["/channel"])


def test_consent_is_given_changed_and_withdrawn() -> None:
    given().when(give_consent, PAVEL, "email", "pavel@example.org").then(agreed())
    given(agreed()).when(give_consent, PAVEL, "email", "new@example.org").then(agreed("new@example.org"))
    gone = ConsentWithdrawn(person_id=PAVEL, channel="email")
    given(agreed()).when(withdraw_consent, PAVEL, "email").then(gone)
    given(agreed(), gone).when(withdraw_consent, PAVEL, "email").refused(NoConsent, at=["/channel"])


def test_the_portal_needs_no_consent() -> None:
    given().when(give_consent, PAVEL, "portal", "pavel@example.org").then()


def test_who_wished_nothing_has_the_defaults() -> None:
    assert wishes.DEFAULTS["mark"] == ("portal", "email")
    assert wishes.DEFAULTS["late"] == ("portal",)


def test_the_command_makes_the_view_anew(notify: Running) -> None:
    new = {"wishes": [{"kind": "mark", "channels": ["portal"]}]}
    assert notify.send("PUT", "/wishes", PAVEL, new).status_code == 200
    consent = {"channel": "email", "address": "pavel@example.org"}
    assert notify.send("POST", "/consents", PAVEL, consent).status_code == 200
    before, after = before_and_after(notify.settings, notify.service)
    assert after == before
    assert (PAVEL, "email", "pavel@example.org") in {row[:3] for row in after["consents"]}
