"""Use cases of a person's own wishes; nobody sets another's."""

from collections.abc import Sequence
from uuid import UUID

from services.notify import wishes
from services.notify.wishes import Wishes
from shared.contracts.notify import Channel, Wish
from shared.eventstore import Answer, Intent, Ledger


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
