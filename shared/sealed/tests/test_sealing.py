"""What is sealed stays closed to everyone without the key, and opens only where it was sealed."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from shared.contracts import Event, Sealed, seal
from shared.contracts.attendance import RollEntry, RollTaken
from shared.contracts.envelope import Envelope, Received, read, write
from shared.contracts.grades import Mark, MarkCorrected, MarksGiven
from shared.sealed import KeyRing, NoKey, NotGenuine, OwnerErased, open_event, open_events, open_text, seal_event

SCHOOL, WORK = uuid4(), uuid4()
EVENT_ID = f"{WORK}:3"
WORDS = "Молодец, но почерк 🙂"


def marks(*comments: tuple[UUID, str | None]) -> MarksGiven:
    given = [Mark(pupil_id=who, values=("4",), comment=seal(who, text) if text else None) for who, text in comments]
    return MarksGiven(work_id=WORK, school_id=SCHOOL, marks=tuple(given))


def envelope(event: Event, event_id: str = EVENT_ID) -> Envelope:
    return Envelope(
        id=event_id, source="/diary/grades/1", type=event.TYPE, subject=WORK, time=datetime(2026, 9, 1, tzinfo=UTC),
        actor=uuid4(), command_id=uuid4(), correlation_id="c", key=event.key, salt="s",
    )  # fmt: skip


def texts(event: MarksGiven) -> list[str | None]:
    return [mark.comment.text if mark.comment else None for mark in event.marks]


def box(event: MarksGiven, n: int) -> Sealed:
    comment = event.marks[n].comment
    assert comment is not None
    return comment


def test_what_was_sealed_opens_again_after_the_bus(ring: KeyRing) -> None:
    anna, boris, vera = uuid4(), uuid4(), uuid4()
    sealed = seal_event(ring, marks((anna, WORDS), (boris, None), (vera, "")), EVENT_ID)
    received = read(write(envelope(sealed), sealed))
    assert isinstance(received.event, MarksGiven)
    opened = open_event(ring, received.event, received.id)
    assert texts(opened) == [WORDS, None, None]
    assert open_text(ring, box(sealed, 0), EVENT_ID, "marks/0/comment") == WORDS


def test_no_trace_of_the_text_is_left_in_the_sealed_event(ring: KeyRing) -> None:
    before = marks((uuid4(), WORDS))
    after = seal_event(ring, before, EVENT_ID)
    shown = [repr(after), str(after.model_dump()), after.model_dump_json(), write(envelope(after), after).decode()]
    assert not any("почерк" in each for each in [*shown, repr(before), str(before.model_dump())])
    assert box(after, 0).text is None


def test_two_boxes_of_one_owner_cannot_change_places(ring: KeyRing) -> None:
    anna = uuid4()
    sealed = seal_event(ring, marks((anna, "пять"), (anna, "два")), EVENT_ID)
    first, second = box(sealed, 0), box(sealed, 1)
    swapped = tuple(m.model_copy(update={"comment": c}) for m, c in zip(sealed.marks, [second, first], strict=True))
    with pytest.raises(NotGenuine):
        open_event(ring, sealed.model_copy(update={"marks": swapped}), EVENT_ID)


def test_a_box_opens_in_no_other_event_and_under_no_other_name(ring: KeyRing) -> None:
    anna, boris = uuid4(), uuid4()
    sealed = seal_event(ring, marks((anna, WORDS), (boris, WORDS)), EVENT_ID)
    with pytest.raises(NotGenuine):
        open_event(ring, sealed, f"{WORK}:4")
    with pytest.raises(NotGenuine):
        open_text(ring, Sealed(owner_id=boris, box=box(sealed, 0).box), EVENT_ID, "marks/0/comment")


@pytest.mark.parametrize("broken", ["", "AAAA", "not base64", "A" * 80])
def test_a_broken_box_is_told_from_an_erased_one(ring: KeyRing, broken: str) -> None:
    anna = uuid4()
    seal_event(ring, marks((anna, WORDS)), EVENT_ID)
    with pytest.raises(NotGenuine):
        open_text(ring, Sealed.model_construct(owner_id=anna, box=broken), EVENT_ID, "marks/0/comment")


def test_the_same_text_is_never_the_same_box(ring: KeyRing) -> None:
    event = marks((uuid4(), WORDS))
    assert box(seal_event(ring, event, EVENT_ID), 0) != box(seal_event(ring, event, EVENT_ID), 0)


def test_a_destroyed_key_takes_only_its_owners_text(ring: KeyRing) -> None:
    anna, boris = uuid4(), uuid4()
    sealed = seal_event(ring, marks((anna, WORDS), (boris, WORDS)), EVENT_ID)
    ring.destroy(anna, "act 7/2026")
    assert texts(open_event(ring, sealed, EVENT_ID)) == [None, WORDS]


def test_nothing_more_is_written_about_an_erased_person(ring: KeyRing) -> None:
    anna = uuid4()
    ring.destroy(anna, "act 7/2026")
    with pytest.raises(OwnerErased) as refused:
        seal_event(ring, marks((uuid4(), WORDS), (anna, WORDS)), EVENT_ID)
    assert refused.value.at == "/marks/1/comment"


def test_a_ring_older_than_the_event_erases_nothing(ring: KeyRing) -> None:
    stranger = Sealed(owner_id=uuid4(), box="AAAA")
    with pytest.raises(NoKey):
        open_text(ring, stranger, EVENT_ID, "reason")


def test_a_sealed_without_text_is_a_mistake_of_the_caller(ring: KeyRing) -> None:
    correction = MarkCorrected(
        work_id=WORK, school_id=SCHOOL, pupil_id=uuid4(), before=("4",), after=("5",), reason=Sealed(owner_id=uuid4())
    )
    with pytest.raises(ValueError, match="nothing to seal at reason"):
        seal_event(ring, correction, EVENT_ID)


def test_a_batch_is_opened_as_a_batch(new_ring: Callable[[], KeyRing]) -> None:
    roll = RollTaken(
        lesson_id=uuid4(), school_id=SCHOOL, group_id=uuid4(), on=datetime(2026, 9, 1).date(), number=1,
        entries=(RollEntry(pupil_id=uuid4(), state="present"),),
    )  # fmt: skip
    writer, reader = new_ring(), new_ring()
    written = [seal_event(writer, marks((uuid4(), f"слово {n}")), f"{WORK}:{n}") for n in range(1, 6)]
    batch = [Received(e, envelope(e, f"{WORK}:{n}"), n) for n, e in enumerate(written, 1)]
    opened = open_events(reader, [*batch, Received(roll, envelope(roll), 9)])
    assert [texts(r.event) for r in opened[:5] if isinstance(r.event, MarksGiven)] == [
        [f"слово {n}"] for n in range(1, 6)
    ]
    assert opened[5].event is roll
