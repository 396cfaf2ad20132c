"""What a person wants to be told, and how. Written by the notify service."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from shared.contracts import Code, Event, Part, Sealed, contract

Channel = Literal["portal", "email", "sms", "push", "telegram", "viber", "rss"]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Threshold = Annotated[str, Field(pattern=r"^[0-9]{1,3}([.][0-9]{1,2})?$")]


class Wish(Part):
    kind: Code = Field(description="what happened: mark, absence, message, announcement …")
    channels: tuple[Channel, ...] = Field(description="how to be told; empty means not at all")


@contract("diary.notify.wishes-set.v1", key="person_id")
class WishesSet(Event):
    """All wishes of a person; kinds not named follow the default."""

    person_id: UUID = Field(description="the person")
    wishes: tuple[Wish, ...] = Field(description="one a kind")


@contract("diary.notify.consent-given.v1", key="person_id")
class ConsentGiven(Event):
    """The person agreed to be written to at an address."""

    person_id: UUID = Field(description="the person")
    channel: Channel = Field(description="by which channel")
    address: Sealed = Field(description="the address or number, sealed with the person's key")


@contract("diary.notify.consent-withdrawn.v1", key="person_id")
class ConsentWithdrawn(Event):
    """The person does not want to be written to by this channel any more."""

    person_id: UUID = Field(description="the person")
    channel: Channel = Field(description="by which channel")


@contract("diary.notify.threshold-set.v1", key="person_id")
class ThresholdSet(Event):
    """A guardian wishes to be told when the child's average in a subject falls below this, or no more."""

    person_id: UUID = Field(description="the guardian")
    pupil_id: UUID = Field(description="the child")
    below: Threshold | None = Field(None, description="an average; none: not to be told")


@contract("diary.notify.feed-shared.v1", key="person_id")
class FeedShared(Event):
    """From now on a feed reader fetches what is new for a person, at an address that only he knows."""

    feed_id: UUID = Field(description="this address; the person may have several")
    person_id: UUID = Field(description="whose notices are read there")
    secret_hash: Hash = Field(description="SHA-256 of the address's secret part, which is stored nowhere")


@contract("diary.notify.feed-withdrawn.v1", key="person_id")
class FeedWithdrawn(Event):
    """Nothing is read at the address any more."""

    feed_id: UUID = Field(description="the address")
    person_id: UUID = Field(description="whose it was")
