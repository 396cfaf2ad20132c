"""Which service may read and write which topic, told to brokers that ask for it (architecture.md 17; SC39).

A service is known by the common name in its certificate, which is its own name. It may write and read the topics of
its store, read those that its projections are made of, add its checkpoints of the audit trail, and use the consumer
groups that are named after its projections. Nothing else is allowed to anybody but the brokers' `super.users`.
"""

import asyncio
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import SecurityDisabled, for_code
from aiokafka.protocol.admin import CreateAclsRequest

from shared.settings import Settings
from shared.stream.brokers import brokers

log = logging.getLogger("diary.stream")

AUDIT = "diary.audit"
ANY_HOST, ALLOW = "*", 3


class Kind(IntEnum):
    """Resource types of Kafka's protocol."""

    TOPIC = 2
    GROUP = 3


class Operation(IntEnum):
    """Of Kafka's protocol; who may read or write may describe too."""

    READ = 3
    WRITE = 4


class Pattern(IntEnum):
    LITERAL = 3
    PREFIXED = 4


@dataclass(frozen=True, order=True)
class Grant:
    """One thing that a service may do."""

    kind: Kind
    name: str
    operation: Operation
    pattern: Pattern = Pattern.LITERAL


def grants(service: str, own: Iterable[str], read: Iterable[str]) -> Iterator[Grant]:
    """What a service needs: `own` are the topics of its store, `read` those of its projections."""
    written = {*own, AUDIT} if own else set()
    yield from (Grant(Kind.TOPIC, topic, Operation.WRITE) for topic in sorted(written))
    yield from (Grant(Kind.TOPIC, topic, Operation.READ) for topic in sorted({*written, *read}))
    if read:
        yield Grant(Kind.GROUP, f"{service}.", Operation.READ, Pattern.PREFIXED)


def ensure(settings: Settings, service: str, own: tuple[str, ...], read: tuple[str, ...]) -> None:
    """Tell the brokers; safe to repeat. Needs the certificate of a super user. Nothing is taken away.

    Brokers that allow everything to everybody are left so, with a line in the log. Raises KafkaError. For start-up
    commands, outside of an event loop.
    """
    try:
        asyncio.run(_tell(settings, f"User:CN={service}", list(grants(service, own, read))))
    except SecurityDisabled:
        log.warning("the brokers ask nobody for rights: any certificate may read and write every topic")


async def _tell(settings: Settings, principal: str, wanted: list[Grant]) -> None:
    client = AIOKafkaClient(**brokers(settings))
    await client.bootstrap()
    try:
        for grant in wanted:
            place = (grant.kind, grant.name, grant.pattern)
            request = CreateAclsRequest(*place, principal, ANY_HOST, grant.operation, ALLOW)
            answer = await client.send(client.get_random_node(), request)
            for code, text in answer.creation_responses:
                if code:
                    raise for_code(code)(f"{principal} on {grant.name}: {text}")
    finally:
        await client.close()
