"""What a family is given: the stand-alone script says TRUE of it, of anything else FALSE, and others are not in it."""

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from shared import clock
from shared.audit.checkpoint import private_key
from shared.audit.leaf import NEXT, cut, leaf
from shared.audit.proof import NotSignedYet, path, prove
from shared.audit.tests.conftest import SERVICE, Audited, pem
from shared.audit.tree import Growing
from shared.contracts import Event, Sealed
from shared.contracts.envelope import Envelope, write
from shared.contracts.grades import Mark, MarkCorrected, MarksGiven, Points, WorkOpened
from shared.testing.events import STORE
from shared.testing.school import SCHOOL, day, place

CHECK = Path(__file__).parents[3] / "docs" / "how-to" / "check_proof.py"
CLASS = tuple(uuid4() for _ in range(27))
MINE, OTHER = CLASS[5], CLASS[6]
WORK = uuid4()


def given_marks() -> MarksGiven:
    points = (Points(code="A", points=6),)
    marks = tuple(
        Mark(pupil_id=pupil, values=("2",) if pupil == OTHER else ("5",), criteria=points if pupil == MINE else ())
        for pupil in CLASS
    )
    return MarksGiven(work_id=WORK, school_id=SCHOOL, marks=marks)


def corrected(pupil: UUID) -> MarkCorrected:
    reason = Sealed(owner_id=pupil, box="QUJD")
    return MarkCorrected(work_id=WORK, school_id=SCHOOL, pupil_id=pupil, before=("5",), after=("4",), reason=reason)


def opened() -> WorkOpened:
    column = {"work_id": WORK, "kind": "test", "weight": "2", "scale": "five", "rule": 1}
    return WorkOpened.model_validate({**place(day(15), 2), **column})


def document(event: Event, version: int = 1, salt: str = "c0ffee" * 5) -> bytes:
    envelope = Envelope(
        id=f"{WORK}:{version}", source=f"/diary/{SERVICE}/1", type=event.TYPE, subject=WORK, time=clock.now(),
        actor=uuid4(), command_id=uuid4(), correlation_id="test", key=SCHOOL, salt=salt,
    )  # fmt: skip
    return write(envelope, event)


def store(audited: Audited, *events: Event) -> None:
    """As versions of one work, with others' events between them."""
    for version, event in enumerate(events, 1):
        row = (WORK, version, event.TYPE, SCHOOL, uuid4(), uuid4(), clock.now(), document(event, version))
        audited.admin.execute(STORE, row)
        audited.store(3)


@pytest.fixture
def signed(audited: Audited) -> Audited:
    audited.store(40)
    store(audited, opened(), given_marks(), corrected(MINE), corrected(OTHER))
    audited.keeper.once()
    return audited


def checked(audited: Audited, proof: Any, folder: Path) -> tuple[int, str]:
    """What the script says, run by itself."""
    (folder / "proof.json").write_text(json.dumps(proof))
    key = private_key(audited.settings.audit_key.get_secret_value()).public_key()
    (folder / "audit.pub").write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    command = [sys.executable, "-I", str(CHECK), "proof.json", "audit.pub"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_a_family_shows_what_was_decided_about_its_child_to_anybody(signed: Audited, tmp_path: Path) -> None:
    proof = prove(signed.admin, WORK, MINE)
    status, said = checked(signed, proof, tmp_path)
    assert status == 0 and "TRUE: 3 events" in said, said
    assert '"values": ["5"]' in said and '"after": ["4"]' in said
    text = json.dumps(proof)
    assert str(OTHER) not in text and not any(str(pupil) in text for pupil in CLASS if pupil != MINE)


def test_what_others_have_cannot_be_found_by_trying(signed: Audited) -> None:
    """Marks are few: without a number of its own for each entry a hash would tell the mark."""
    event = prove(signed.admin, WORK, MINE)["events"][1]
    assert len(set(event["hashes"])) == 27 and "c0ffee" not in json.dumps(event)


def test_it_goes_on_while_the_log_grows(signed: Audited, tmp_path: Path) -> None:
    for count in (1, 7, 30):
        signed.store(count)
        signed.keeper.once()
        assert checked(signed, prove(signed.admin, WORK, MINE), tmp_path)[0] == 0


def test_what_is_not_under_a_checkpoint_yet_is_said(signed: Audited) -> None:
    row = (WORK, 9, "x", SCHOOL, uuid4(), uuid4(), clock.now(), document(corrected(MINE), 9))
    signed.admin.execute(STORE, row)
    with pytest.raises(NotSignedYet):
        prove(signed.admin, WORK, MINE)


LIES: dict[str, Any] = {
    "another mark": lambda p: p["events"][1]["entries"][0].update(
        text=p["events"][1]["entries"][0]["text"].replace('["5"]', '["2"]')
    ),
    "another time": lambda p: p["events"][0]["frame"].insert(0, p["events"][0]["frame"].pop(0).replace("20", "19")),
    "another child's place": lambda p: p["events"][1]["entries"][0].update(place=6),
    "another number": lambda p: p["events"][0].update(number=p["events"][0]["number"] + 1),
    "another leaf": lambda p: p["events"][0].update(leaf=p["events"][0]["leaf"] ^ 1),
    "a path cut short": lambda p: p["events"][0]["path"].pop(),
    "a path grown": lambda p: p["events"][0]["path"].append("00" * 32),
    "another size": lambda p: p.update(checkpoint=p["checkpoint"].replace("\n56\n", "\n57\n")),
    "no signature": lambda p: p.update(checkpoint=p["checkpoint"].partition("\n\n")[0] + "\n\n"),
}


@pytest.mark.parametrize("lie", LIES)
def test_whatever_is_changed_is_found(signed: Audited, tmp_path: Path, lie: str) -> None:
    proof = json.loads(json.dumps(prove(signed.admin, WORK, MINE)))
    before = json.dumps(proof)
    LIES[lie](proof)
    assert json.dumps(proof) != before
    status, said = checked(signed, proof, tmp_path)
    assert status != 0 and "FALSE" in said


def test_another_districts_key_does_not_fit(signed: Audited, tmp_path: Path) -> None:
    proof = prove(signed.admin, WORK, MINE)
    other = signed.settings.model_copy(update={"audit_key": type(signed.settings.audit_key)(pem())})
    assert checked(Audited(other, signed.admin, signed.keeper), proof, tmp_path)[0] != 0


def test_every_byte_of_an_event_is_in_its_leaf() -> None:
    whole = document(given_marks())
    right, chance = leaf(7, whole), random.Random(7)
    assert leaf(8, whole) != right
    for place_ in chance.sample(range(len(whole)), 400):
        changed = whole[:place_] + bytes([whole[place_] ^ chance.randint(1, 255)]) + whole[place_ + 1 :]
        assert leaf(7, changed) != right
        assert leaf(7, whole[:place_] + whole[place_ + 1 :]) != right


@given(st.binary(max_size=200))
def test_the_pieces_are_the_document(document: bytes) -> None:
    made = cut(document)
    assert made.head + made.salt + made.middle + NEXT.join(made.entries) + made.tail == document


@given(st.integers(1, 90), st.data())
def test_the_path_is_the_one_of_the_rfc(size: int, data: st.DataObject) -> None:
    place_ = data.draw(st.integers(0, size - 1))
    tree, nodes = Growing(), dict[tuple[int, int], bytes]()
    for number in range(size):
        nodes |= {(level, at): hashed for level, at, hashed in tree.grow(leaf(number, b"x"))}
    namespace: dict[str, Any] = {"__name__": "check"}
    exec(compile(CHECK.read_text("utf-8"), str(CHECK), "exec"), namespace)
    way = path(lambda level, at: nodes[level, at], place_, size)
    assert namespace["root_of"](leaf(place_, b"x"), place_, size, way) == tree.root()
