"""Use cases of a person's own wishes; nobody sets another's."""

from collections.abc import Sequence
from uuid import UUID

from services.notify import feeds, thresholds, wishes
from services.notify.wishes import Wishes
from shared import access
from shared.contracts import Event
from shared.contracts.notify import Channel, Wish
from shared.errors import NotFound
from shared.eventstore import Answer, Intent, Ledger
from shared.postgres import Conn


def set_wishes(ledger: Ledger, person: UUID, new: Sequence[Wish], intent: Intent) -> Answer:
    return ledger.change(
        person, Wishes(), wishes.evolve, lambda state, conn: wishes.set_wishes(state, person, new), intent
    )


def give_consent(ledger: Ledger, person: UUID, channel: Channel, address: str, intent: Intent) -> Answer:
    return ledger.change(
        person,
        Wishes(),
        wishes.evolve,
        lambda state, conn: wishes.give_consent(state, person, channel, address),
        intent,
    )


def withdraw_consent(ledger: Ledger, person: UUID, channel: Channel, intent: Intent) -> Answer:
    return ledger.change(
        person, Wishes(), wishes.evolve, lambda state, conn: wishes.withdraw_consent(state, person, channel), intent
    )


def share_feed(ledger: Ledger, person: UUID, feed_id: UUID, secret: str, intent: Intent) -> Answer:
    """A secret address at which his feed reader fetches that something is new."""
    return ledger.change(
        person, feeds.Feeds(), feeds.evolve, lambda state, conn: feeds.share(state, person, feed_id, secret), intent
    )


def withdraw_feed(ledger: Ledger, person: UUID, feed_id: UUID, intent: Intent) -> Answer:
    """Raises NotFound."""
    return ledger.change(
        person, feeds.Feeds(), feeds.evolve, lambda state, conn: feeds.withdraw(state, person, feed_id), intent
    )


def set_threshold(ledger: Ledger, person: UUID, pupil: UUID, typed: str, intent: Intent) -> Answer:
    """For who is told of the child anyway. Raises NotFound, ThresholdNotNumber."""

    def decide(state: None, conn: Conn) -> Sequence[Event]:
        if all(tie.person_id != pupil for tie in access.children_of(conn, person, "notices")):
            raise NotFound()
        return thresholds.set_threshold(thresholds.known(conn, person, pupil), person, pupil, typed)

    stream = thresholds.threshold_id(person, pupil)
    return ledger.change(stream, None, lambda state, event: None, decide, intent)
