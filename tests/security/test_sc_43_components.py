"""SC43, begun: everything the product is made of is pinned by its hash and stands in the list of its components."""

import json
import re
from pathlib import Path

import pytest

from deploy import sbom

ROOT = Path(__file__).parents[2]
PINS = re.compile(r"^([A-Za-z0-9._-]+)(?:\[.*?])?==([^ ;\\]+)", re.MULTILINE)
LOCKS = [f"{folder}/package-lock.json" for folder in ("services/portal/web", "deploy/embedded", "tests/bench/peers")]


def test_sc_43_every_package_is_in_the_bill_of_materials_with_its_hashes() -> None:
    parts = {part["purl"]: part for part in json.loads(sbom.document())["components"]}
    pinned = PINS.findall((ROOT / "requirements.lock").read_text())
    assert len(pinned) > 100
    missing = [name for name, version in pinned if f"pkg:pypi/{name.lower().replace('_', '-')}@{version}" not in parts]
    assert missing == []
    assert {"pkg:npm/react@19.3.1", "pkg:maven/at.yawk.lz4/lz4-java@1.11.2"} <= parts.keys()
    assert [purl for purl, part in parts.items() if not part.get("hashes")] == []


def test_sc_43_nothing_is_installed_without_a_hash() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    entries = re.split(r"\n(?=[A-Za-z0-9])", lock)
    assert [entry.split("\n")[0] for entry in entries if "==" in entry and "--hash=sha256:" not in entry] == []
    assert "--require-hashes" in (ROOT / "deploy/setup.sh").read_text()


@pytest.mark.parametrize("name", LOCKS)
def test_sc_43_npm_packages_have_their_digest_and_no_address(name: str) -> None:
    packages = json.loads((ROOT / name).read_text())["packages"]
    assert [path for path, package in packages.items() if path and "sha512-" not in package.get("integrity", "")] == []
    assert [path for path, package in packages.items() if "resolved" in package] == []
