"""What the writing services rely on: once for ever, none lost, all or nothing."""

from uuid import uuid4

from shared.eventstore.tests.conftest import Store
from shared.eventstore.tests.counter import Asker


def test_a_change_is_stored_and_answered(store: Store, asker: Asker) -> None:
    counter = uuid4()
    first, second = asker.count(counter, 2), asker.count(counter, 3)
    assert (first.version, second.version) == (1, 2)
    assert second.body == b'{"stream":"%s","version":2,"events":["%s:2"]}' % ((str(counter).encode(),) * 2)
    assert [r.event.model_dump()["by"] for r in store.ledger.history(counter, [asker.school])] == [2, 3]
