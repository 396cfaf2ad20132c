"""What is committed is what the code says, and others can read it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from faststream.specification.asyncapi.v3_0_0.schema import ApplicationSchema
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from shared.contracts import CONTRACTS, UPCASTS, Json, history, publish, schema
from shared.contracts.asyncapi import EPOCH_BEGUN, newest
from shared.contracts.grades import MarksGiven

EVERY = sorted(CONTRACTS.keys() | UPCASTS.keys())
ASYNCAPI = publish.HERE / "asyncapi.yaml"


def test_everything_published_is_fresh_and_compatible() -> None:
    assert publish.refusals() == []
    assert publish.stale() == [], "run `make contracts`, look at the diff"


@pytest.mark.parametrize("type_", EVERY)
def test_both_schemas_are_schemas(type_: str) -> None:
    for side in ("writer", "reader"):
        published = json.loads((publish.SCHEMAS / f"{type_}.{side}.json").read_text("utf-8"))
        Draft202012Validator.check_schema(published)
        assert published["title"] == type_


def test_a_writer_is_closed_and_a_reader_open() -> None:
    data = {"account_id": "00000000-0000-0000-0000-000000000001", "cause": "invented-later", "more": 1}
    closed, open_ = (
        json.loads((publish.SCHEMAS / f"diary.identity.account-closed.v1.{side}.json").read_text("utf-8"))
        for side in ("writer", "reader")
    )
    assert len(list(Draft202012Validator(closed).iter_errors(data))) == 2
    Draft202012Validator(open_).validate(data)


def test_the_text_of_a_sealed_field_is_in_no_schema() -> None:
    sealed = schema.writer(MarksGiven)["$defs"]["Sealed"]
    assert sealed["required"] == ["owner_id", "box"]
    assert sealed["properties"].keys() == {"owner_id", "box"}


@pytest.fixture(scope="module")
def asyncapi() -> Json:
    loaded: Json = yaml.safe_load(ASYNCAPI.read_text("utf-8"))
    return loaded


def test_asyncapi_has_a_channel_a_topic_and_a_message_a_type(asyncapi: Json) -> None:
    ApplicationSchema.model_validate(asyncapi)
    assert asyncapi["channels"].keys() == {newest(type_).TOPIC for type_ in EVERY}
    channels = [set(channel["messages"]) for channel in asyncapi["channels"].values()]
    assert all(EPOCH_BEGUN in names for names in channels)
    assert sorted(name for names in channels for name in names - {EPOCH_BEGUN}) == EVERY
    assert sorted(asyncapi["components"]["messages"]) == sorted([*EVERY, EPOCH_BEGUN])


def test_every_reference_in_asyncapi_leads_somewhere(asyncapi: Json) -> None:
    references = list(_references(asyncapi))
    assert len(references) > 3 * len(EVERY)
    for reference in references:
        file, _, pointer = reference.partition("#")
        target: Any = json.loads((ASYNCAPI.parent / file).read_text("utf-8")) if file else asyncapi
        for step in filter(None, pointer.split("/")):
            target = target[step]
        assert target, reference


def _references(part: object) -> list[str]:
    if isinstance(part, list):
        return [found for one in part for found in _references(one)]
    if not isinstance(part, dict):
        return []
    own = [part["$ref"]] if "$ref" in part else []
    return own + [found for one in part.values() for found in _references(one)]


@pytest.mark.parametrize("type_", EVERY)
def test_the_catalogue_and_the_changelog_name_every_type(type_: str) -> None:
    assert f"`{type_}`" in publish.CATALOGUE.read_text("utf-8")
    changelog = (publish.HERE / "CHANGELOG.md").read_text("utf-8")
    assert f"`{type_}`" in changelog
    for number in range(2, len(history.snapshots(publish.HISTORY, type_)) + 1):
        assert f"`{type_}` change {number - 1}" in changelog, "say to analysts what was added"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The package alone, to be changed at will."""
    root = publish.HERE.parents[1]
    shutil.copytree(root / "shared" / "contracts", tmp_path / "shared" / "contracts")
    shutil.copy(root / "shared" / "__init__.py", tmp_path / "shared")
    (tmp_path / "docs").mkdir()
    shutil.copy(publish.CATALOGUE, tmp_path / "docs")
    return tmp_path


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "shared.contracts", *arguments], cwd=root, capture_output=True, text=True, timeout=60
    )


def edit(root: Path, old: str, new: str) -> None:
    file = root / "shared" / "contracts" / "identity.py"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


PERSON = '    person_id: UUID = Field(description="the person of the roster it belongs to")\n'


def test_an_optional_field_is_added_by_one_command(copy: Path) -> None:
    edit(copy, PERSON, PERSON + '    school_id: UUID | None = Field(None, description="where")\n')
    stale = run(copy, "--check")
    assert stale.returncode == 1
    assert "run `make contracts`" in stale.stderr
    assert run(copy).returncode == 0
    assert run(copy, "--check").returncode == 0
    account = copy / "shared" / "contracts" / "schemas" / "history" / "diary.identity.account-opened.v1"
    assert sorted(f.name for f in account.iterdir()) == [f"{n}.{s}.json" for n in (1, 2) for s in ("reader", "writer")]


@pytest.mark.parametrize(
    "new, why", [("", "/person_id: was removed"), (PERSON.replace("UUID", "int"), "type is integer")]
)
def test_a_breaking_change_writes_nothing_and_says_why(copy: Path, new: str, why: str) -> None:
    published = copy / "shared" / "contracts" / "schemas" / "diary.identity.account-opened.v1.reader.json"
    before = published.read_bytes()
    edit(copy, PERSON, new)
    refused = run(copy)
    assert refused.returncode == 1
    assert why in refused.stderr
    assert "new version" in refused.stderr
    assert published.read_bytes() == before


def test_a_type_once_published_cannot_leave(copy: Path) -> None:
    edit(copy, "diary.identity.account-opened.v1", "diary.identity.account-begun.v1")
    refused = run(copy)
    assert refused.returncode == 1
    assert "diary.identity.account-opened.v1 was published" in refused.stderr
