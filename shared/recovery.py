"""What an operator does after a restore: `python -m services <service> recover --verify`, `--heal`, `--give-up`.

docs/operations/recovery.md tells when. Exit status: 0 sound, 1 damaged, 3 nobody can say.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aiokafka.errors import KafkaError

from shared.audit import Keeper, NotSigned
from shared.postgres import Conn
from shared.sealed import KeyRing, NoAnswer
from shared.settings import Settings
from shared.stream import mend, recover
from shared.stream.recover import Found

SOUND, DAMAGED, UNKNOWN = 0, 1, 3


def verify(settings: Settings, service: str, topics: Sequence[str], whole: bool) -> int:
    """Say whether the store is the one that wrote its topics. Changes nothing; a relay may run meanwhile."""
    try:
        with recover.session(settings, service, alone=False) as conn:
            found = recover.compare(conn, settings, topics, whole)
            if mend.unfinished(conn):
                print(f"{service}: a healing was begun and not finished: run recover --heal again")
                return DAMAGED
    except recover.Unknown as why:
        return _unknown(service, why)
    return _told(service, found)


@dataclass(frozen=True)
class Mending:
    """What is done to a damaged store. `told`: sentences before anybody agrees; `change` says what it did.

    `last` comes after the own view was made anew, then `done` is said; `again` is the command that goes on after it was
    stopped half-way.
    """

    told: Callable[[Conn, Sequence[Found]], Sequence[str]]
    change: Callable[[Conn, Sequence[Found]], str]
    done: str
    again: str
    whole: bool = False
    last: Callable[[Conn], object] | None = None


def heal(
    settings: Settings, service: str, topics: Sequence[str], own_view: Callable[[], object], agreed: Callable[[], bool]
) -> int:
    """Put back into the store what its topics have and it lacks, make the own view anew, let the relay go on.

    Asks `agreed` before anything is changed. May be run again after it was killed at any instant, and changes nothing
    in a sound store.
    """
    told = (
        "What is lacking is put back under its own numbers; then the service's own view is made anew.",
        "Nothing is deleted. Until it is done nobody can write.",
    )

    def put_back(conn: Conn, found: Sequence[Found]) -> str:
        return f"{_events(mend.put_back(conn, found))} put back"

    return _mend(
        settings, service, topics, own_view, agreed, Mending(lambda *_: told, put_back, "healed", "recover --heal")
    )


def give_up(
    settings: Settings,
    service: str,
    topics: Sequence[str],
    own_view: Callable[[], object],
    agreed: Callable[[], bool],
    act: str,
    whole: bool,
) -> int:
    """Let the store stand as it is and begin a new epoch, by the operator's word and an act that he names.

    What the topics have above that is no event any more. Asks `agreed` before anything is changed; may be run again
    after it was killed at any instant, and changes nothing in a sound store.
    """
    try:
        keeper = Keeper(settings, service) if settings.audit_folder else None
    except ValueError as why:
        print(f"{service}: it could not be signed: {why}. Nothing was changed.")
        return UNKNOWN

    def told(conn: Conn, found: Sequence[Found]) -> Sequence[str]:
        return (
            *(f"  lost for ever: {count} of {type_}, decided {first:%Y-%m-%d %H:%M:%S} to {last:%H:%M:%S} UTC"
              for type_, count, first, last in mend.lost(conn)),
            f"  lost for ever: {sum(each.differs for each in found)} in whose place the store has others",
            "The store stays as it is, a new epoch begins, and each partition gets a record that says so.",
            "What people were told is saved and stands above is LOST. Heal instead if that can be done at all.",
            "Nothing is deleted from the topics. Projections that have taken it in wait until they are rebuilt.",
        )  # fmt: skip

    def begin(conn: Conn, found: Sequence[Found]) -> str:
        return f"epoch {mend.give_up(conn, found, act)} begins"

    how = Mending(told, begin, "goes on", "recover --give-up", whole, keeper.begin_epoch if keeper else None)
    return _mend(settings, service, topics, own_view, agreed, how)


def _mend(
    settings: Settings,
    service: str,
    topics: Sequence[str],
    own_view: Callable[[], object],
    agreed: Callable[[], bool],
    how: Mending,
) -> int:
    try:
        KeyRing.connect(settings).close()
    except ValueError as why:
        print(f"{service}: the own view could not be made anew afterwards: {why}. Nothing was changed.")
        return UNKNOWN
    try:
        with recover.session(settings, service, alone=True) as conn:
            found = recover.compare(conn, settings, topics, how.whole)
            begun = mend.unfinished(conn)
            status = _told(service, found)
            if status == SOUND and not begun:
                return SOUND
            if status != SOUND:
                print("\n".join(how.told(conn, found)))
                if not agreed():
                    print("Nothing was changed.")
                    return status
                print(f"{service}: {how.change(conn, found)}")
            try:
                own_view()
            except NoAnswer as why:
                print(f"{service}: its own view could not be made anew: {why}. Mend that and run {how.again} again.")
                return DAMAGED
            if how.last:
                how.last(conn)
            mend.done(conn)
    except recover.Unknown as why:
        return _unknown(service, why)
    except (NotSigned, KafkaError, OSError) as why:
        print(f"{service}: it could not be signed outside: {why}. Mend that and run {how.again} again.")
        return DAMAGED
    except recover.RelayLeads:
        print(f"{service}: a relay publishes from this store, which it found sound. Nothing was changed.")
        return UNKNOWN
    except mend.NotHealable as why:
        print(f"{service}: cannot be mended so: {why}. Nothing was changed.")
        return DAMAGED
    print(f"{service}: {how.done}. Its relay lets writers in at its next look, within some seconds.")
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
