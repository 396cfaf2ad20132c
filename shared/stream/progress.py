"""How far a projection has come in each partition, in its own database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.postgres import Conn
from shared.stream.arrivals import Arrival
from shared.stream.epochs import Cut, stands
from shared.stream.headers import Place


@dataclass(frozen=True, slots=True)
class Position:
    """The last event taken in, and the log's offset after it. Epoch and sequence 0: none yet."""

    epoch: int = 0
    sequence: int = 0
    next_offset: int = 0


class NotNext(Exception):
    """The batch does not continue the position: a hole, or another owner of the partition moved it."""


class GivenUp(NotNext):
    """What the projection took in last was given up by the source's operator: only a rebuild makes its rows true."""


class NotLive(Exception):
    """Another number of this projection is the live one: a rebuild has to come first, or has been."""


def stem_of(projection: str) -> tuple[str, int]:
    """`reporting.diary.2` → `reporting.diary`, 2."""
    stem, _, number = projection.rpartition(".")
    return stem, int(number)


NUMBER = "INSERT INTO rebuilds (stem, number) VALUES (%s, %s) ON CONFLICT DO NOTHING"
LIVE = "SELECT number FROM rebuilds WHERE stem = %s FOR SHARE"
BEGIN = "INSERT INTO progress (projection, topic, partition) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
POSITIONS = "SELECT topic, partition, epoch, sequence, next_offset FROM progress WHERE projection = %s"


def begin(conn: Conn, projection: str, places: Iterable[Place]) -> dict[Place, Position]:
    """Positions of these partitions; those never seen begin at the first event. Raises NotLive."""
    stem, number = stem_of(projection)
    with conn.transaction():
        conn.execute(NUMBER, [stem, number])
        row = conn.execute(LIVE, [stem]).fetchone()
        if row is None or row[0] != number:
            raise NotLive(f"{projection}: the tables hold number {row and row[0]}")
        for topic, partition in sorted(places):
            conn.execute(BEGIN, [projection, topic, partition])
        return positions(conn, projection)


def positions(conn: Conn, projection: str) -> dict[Place, Position]:
    """Every position of the projection."""
    return {(row[0], row[1]): Position(*row[2:]) for row in conn.execute(POSITIONS, [projection])}


SINCE = "INSERT INTO since (projection) VALUES (%s) ON CONFLICT DO NOTHING"


def act_from_now(conn: Conn, projection: str) -> None:
    """Remember, at the first start only, the moment from which deliveries act."""
    conn.execute(SINCE, [projection])


POSITION = """
SELECT epoch, sequence, next_offset FROM progress WHERE projection = %s AND topic = %s AND partition = %s
"""


def position(conn: Conn, projection: str, place: Place) -> Position:
    """Raises NotNext when there is none any more: a rebuild was switched to."""
    row = conn.execute(POSITION, [projection, *place]).fetchone()
    if row is None:
        raise NotNext(f"{projection} has no position in {place[0]}/{place[1]}")
    return Position(*row)


def continuing(
    at: Position, batch: Sequence[Arrival], cuts: Sequence[Cut] = (), acts: bool = False
) -> tuple[list[Arrival], Position]:
    """What of the batch is new and follows without a hole, and the position after it.

    Repeats are skipped, and what is known to have been given up (`cuts`). What stands before a hole is kept. `acts`:
    what was done because of given up events stays done. Raises NotNext when the batch begins with the hole, GivenUp
    when it begins an epoch that does not know the position.
    """
    fresh: list[Arrival] = []
    last, next_offset = (at.epoch, at.sequence), at.next_offset
    for arrival in batch:
        place = arrival.place
        if place is None:
            fresh.append(arrival)  # of nobody's numbering; it will be parked
        elif cuts and not stands(place, arrival.offset, cuts):
            pass
        elif place.begins:
            if place.epoch > last[0]:
                if last[1] < place.sequence or (last[1] > place.sequence and not acts):
                    break
                last = (place.epoch, place.sequence)
        elif (place.epoch, place.prev) == last or (last == (0, 0) and place.prev == 0):
            fresh.append(arrival)
            last = (place.epoch, place.sequence)
        elif place.epoch > last[0] or (place.epoch == last[0] and place.sequence > last[1]):
            break
        next_offset = arrival.offset + 1
    else:
        return fresh, Position(*last, next_offset)
    reached = Position(*last, next_offset)
    if not fresh and reached == at:
        kind = GivenUp if place.begins and place.sequence < last[1] else NotNext
        raise kind(
            f"{arrival.topic}/{arrival.partition} offset {arrival.offset}: {place.epoch}:{place.sequence} comes after "
            f"{place.prev}, the position is {at.epoch}:{at.sequence}"
        )
    return fresh, reached


ADVANCE = """
UPDATE progress SET epoch = %s, sequence = %s, next_offset = %s, at = now()
WHERE projection = %s AND topic = %s AND partition = %s AND (epoch, sequence) = (%s, %s)
"""


def advance(conn: Conn, projection: str, place: Place, at: Position, to: Position) -> None:
    """Move the position by compare-and-set; its row stays locked until the transaction ends. Raises NotNext."""
    values = [to.epoch, to.sequence, to.next_offset, projection, *place, at.epoch, at.sequence]
    if conn.execute(ADVANCE, values).rowcount != 1:
        raise NotNext(f"{projection}: somebody else moved the position in {place[0]}/{place[1]}")
