"""What was written once is read for ever, by us and by others."""

import json
from pathlib import Path

import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]
from pydantic import BaseModel

from shared.contracts import CONTRACTS, UPCASTS, Event, Sealed, history
from shared.contracts.asyncapi import newest
from shared.contracts.envelope import read, write
from shared.contracts.grades import MarksGiven
from shared.contracts.publish import SCHEMAS
from shared.sealed.boxes import owners
from tests.contracts import golden
from tests.contracts.samples import SAMPLES

every_golden = pytest.mark.parametrize("file", golden.files(), ids=golden.name_of)


def schema_of(name: str) -> Draft202012Validator:
    loaded = json.loads((SCHEMAS / f"{name}.json").read_text("utf-8"))
    return Draft202012Validator(loaded, format_checker=FormatChecker())


@every_golden
def test_every_event_ever_written_is_still_read(file: Path) -> None:
    received = read(file.read_bytes(), sequence=1)
    assert type(received.event) is newest(file.parent.name)
    assert received.envelope.type == file.parent.name
    assert received.event.key == received.envelope.key


@every_golden
def test_its_sealed_texts_still_open_where_they_stand(file: Path) -> None:
    received = read(file.read_bytes())
    assert len(owners(golden.opened(received))) == file.read_text("utf-8").count('"box":')


@pytest.mark.parametrize("file", [f for f in golden.files() if f.parent.name in CONTRACTS], ids=golden.name_of)
def test_the_newest_versions_are_written_byte_for_byte_as_before(file: Path) -> None:
    received = read(file.read_bytes())
    assert write(received.envelope, received.event) == file.read_bytes()


@every_golden
def test_its_data_keep_to_both_published_schemas(file: Path) -> None:
    data = golden.document(file)["data"]
    for side in ("writer", "reader"):
        schema_of(f"{file.parent.name}.{side}").validate(data)


@every_golden
def test_its_envelope_keeps_to_the_published_one_and_has_no_other_attribute(file: Path) -> None:
    document = golden.document(file)
    envelope = schema_of("envelope")
    envelope.validate(document)
    assert document.keys() - {"data"} <= envelope.schema["properties"].keys()


@every_golden
def test_the_cloudevents_sdk_reads_the_same(file: Path) -> None:
    document = golden.document(file)
    event = JSONFormat().read(None, file.read_bytes())
    assert isinstance(event, CloudEvent)
    assert event.get_data() == document["data"]
    assert (event.get_id(), event.get_source(), event.get_type()) == tuple(
        document[n] for n in ("id", "source", "type")
    )
    assert event.get_time() == read(file.read_bytes()).time
    assert event.get_extension("actor") == document["actor"]
    assert event.get_extension("partitionkey") == document["partitionkey"]


@pytest.mark.parametrize("name, meant", SAMPLES, ids=lambda given: getattr(given, "TYPE", given))
def test_a_golden_says_what_was_meant(name: str, meant: Event) -> None:
    received = read((golden.GOLDEN / meant.TYPE / f"{name}.json").read_bytes())
    assert told(golden.opened(received)) == told(meant)


def told(value: object) -> object:
    """Everything an event says, its texts too, but not the boxes, which are never the same twice."""
    match value:
        case Sealed():
            return value.owner_id, value.text
        case BaseModel():
            return {name: told(part) for name, part in value}
        case tuple():
            return [told(part) for part in value]
    return value


def test_every_version_of_every_type_has_a_golden() -> None:
    assert {file.parent.name for file in golden.files()} == CONTRACTS.keys() | UPCASTS.keys()


def test_goldens_are_only_ever_added() -> None:
    assert history.added_only(golden.GOLDEN) == []


@pytest.mark.parametrize("harm", ["change", "remove", "slip in"])
def test_a_tampered_golden_is_noticed(tmp_path: Path, harm: str) -> None:
    (tmp_path / "a.json").write_text("1")
    history.enlist(tmp_path)
    assert history.added_only(tmp_path) == []
    match harm:
        case "change":
            (tmp_path / "a.json").write_text("2")
        case "remove":
            (tmp_path / "a.json").unlink()
        case _:
            (tmp_path / "b.json").write_text("3")
    assert len(history.added_only(tmp_path)) == 1


def test_one_mark_a_pupil_is_read_as_a_cell_of_one() -> None:
    received = read((golden.GOLDEN / "diary.grades.marks-given.v1" / "with-comment.json").read_bytes())
    event = golden.opened(received)
    assert isinstance(event, MarksGiven)
    first, second = event.marks
    assert (first.values, second.values) == (("4",), ("2",))
    assert first.comment is not None
    assert first.comment.text == "Хорошо, но не спеши"


def test_text_that_nobody_sealed_is_not_written() -> None:
    file = golden.GOLDEN / "diary.grades.mark-corrected.v1" / "mark-corrected.json"
    received = read(file.read_bytes())
    unsealed = next(event for name, event in SAMPLES if name == "mark-corrected")
    with pytest.raises(ValueError, match="not sealed"):
        write(received.envelope, unsealed)
