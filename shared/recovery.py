"""What an operator does after a restore: `python -m services <service> recover --verify` or `--heal [--yes]`.

docs/operations/recovery.md tells when. Exit status: 0 sound, 1 damaged, 3 nobody can say.
"""

from collections.abc import Callable, Sequence

from shared.sealed import KeyRing, NoAnswer
from shared.settings import Settings
from shared.stream import recover
from shared.stream.recover import Found

SOUND, DAMAGED, UNKNOWN = 0, 1, 3


def verify(settings: Settings, service: str, topics: Sequence[str], whole: bool) -> int:
    """Say whether the store is the one that wrote its topics. Changes nothing; a relay may run meanwhile."""
    try:
        with recover.session(settings, service, alone=False) as conn:
            found = recover.compare(conn, settings, topics, whole)
            if recover.unfinished(conn):
                print(f"{service}: a healing was begun and not finished: run recover --heal again")
                return DAMAGED
    except recover.Unknown as why:
        return _unknown(service, why)
    return _told(service, found)


def heal(
    settings: Settings, service: str, topics: Sequence[str], own_view: Callable[[], object], agreed: Callable[[], bool]
) -> int:
    """Put back into the store what its topics have and it lacks, make the own view anew, let the relay go on.

    Asks `agreed` before anything is changed. May be run again after it was killed at any instant, and changes nothing
    in a sound store.
    """
    try:
        KeyRing.connect(settings).close()
    except ValueError as why:
        print(f"{service}: the own view could not be made anew afterwards: {why}. Nothing was changed.")
        return UNKNOWN
    try:
        with recover.session(settings, service, alone=True) as conn:
            found = recover.compare(conn, settings, topics)
            begun = recover.unfinished(conn)
            status = _told(service, found)
            if status == SOUND and not begun:
                return SOUND
            print("What is lacking is put back under its own numbers; then the service's own view is made anew.")
            print("Nothing is deleted. Until it is done nobody can write.")
            if not agreed():
                print("Nothing was changed.")
                return status
            print(f"{service}: {_events(recover.put_back(conn, found))} put back")
            try:
                own_view()
            except NoAnswer as why:
                print(f"{service}: its own view could not be made anew: {why}. Mend that and run recover --heal again.")
                return DAMAGED
            recover.done(conn)
    except recover.Unknown as why:
        return _unknown(service, why)
    except recover.RelayLeads:
        print(f"{service}: a relay publishes from this store, which it found sound. Nothing was changed.")
        return UNKNOWN
    except recover.NotHealable as why:
        print(f"{service}: cannot be healed from its topics: {why}. Nothing was changed.")
        return DAMAGED
    print(f"{service}: healed. Its relay lets writers in at its next look, within some seconds.")
    return SOUND


def _unknown(service: str, why: recover.Unknown) -> int:
    print(f"{service}: nobody can say whether the store is sound: {why}")
    return UNKNOWN


def _told(service: str, found: Sequence[Found]) -> int:
    for each in found:
        where = f"{service}: {each.topic}/{each.partition}"
        if each.log:
            print(f"{where} {each.log}")
        if each.lacks:
            print(f"{where} has {_events(each.lacks)} that the store lacks, numbers {each.first} to {each.last}")
        if each.differs:
            which = ", ".join(map(str, each.which)) + (" and more" if each.differs > len(each.which) else "")
            print(f"{where} has {_events(each.differs)} with other bytes than the store: {which}")
    damaged = any(not each.sound for each in found)
    compared = sum(each.records for each in found)
    print(f"{service}: {compared} records of {len(found)} partitions compared: {'damaged' if damaged else 'sound'}")
    return DAMAGED if damaged else SOUND


def _events(count: int) -> str:
    return f"{count} event" if count == 1 else f"{count} events"
