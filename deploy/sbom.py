"""`python -m deploy.sbom [FILE]`: what the product is made of, a CycloneDX 1.6 document (build/sbom.json).

Made from the lock files alone, so it says what is installed and nothing else: each Python package with the hashes of
its files, each npm package of the web application and of the browser's set-up, each jar of the embedded broker.
"""

import base64
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

ROOT = Path(__file__).parents[1]
PINNED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(\[[^]]*])?==(?P<version>[^ ;\\]+)")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
NODE = "node_modules/"


def python(lock: str) -> Iterator[Component]:
    """Of `uv pip compile --generate-hashes`: a package, and each of its files' hashes."""
    for entry in re.split(r"\n(?=[A-Za-z0-9])", lock):
        if found := PINNED.match(entry):
            hashes = [HashType(alg=HashAlgorithm.SHA_256, content=one) for one in HASH.findall(entry)]
            yield _library("pypi", found["name"], found["version"], hashes)


def npm(lock: str) -> Iterator[Component]:
    """Of a package-lock.json: every package of the tree; what stands twice in one version is one."""
    seen = set()
    for path, package in json.loads(lock)["packages"].items():
        name = path.rpartition(NODE)[2]
        if not path or (name, package["version"]) in seen:
            continue
        seen.add((name, package["version"]))
        _, _, digest = package.get("integrity", "").partition("sha512-")
        content = base64.b64decode(digest).hex()
        yield _library("npm", name, package["version"], [HashType(alg=HashAlgorithm.SHA_512, content=content)])


def maven(lock: str) -> Iterator[Component]:
    """Of jars.txt: coordinates and SHA-256, a line each."""
    for line in lock.splitlines():
        coordinates, digest = line.split()
        group, artifact, pinned = coordinates.split(":")
        yield _library("maven", f"{group}/{artifact}", pinned, [HashType(alg=HashAlgorithm.SHA_256, content=digest)])


def _library(kind: str, name: str, pinned: str, hashes: list[HashType]) -> Component:
    group, _, bare = name.rpartition("/")
    purl = PackageURL(kind, group or None, bare, pinned)
    return Component(
        type=ComponentType.LIBRARY, group=group or None, name=bare, version=pinned, purl=purl, hashes=hashes,
        bom_ref=purl.to_string(),
    )  # fmt: skip


def document() -> str:
    """The CycloneDX document as JSON."""
    parts = [*python((ROOT / "requirements.lock").read_text())]
    parts += maven((ROOT / "deploy/embedded/jars.txt").read_text())
    for lock in (ROOT / "services/portal/web/package-lock.json", ROOT / "deploy/embedded/package-lock.json"):
        known = {part.bom_ref.value for part in parts}
        parts += [part for part in npm(lock.read_text()) if part.bom_ref.value not in known]
    bom = Bom(components=parts)
    bom.metadata.component = Component(type=ComponentType.APPLICATION, name="diary", version=_version())
    return JsonV1Dot6(bom).output_as_string(indent=2)


def _version() -> str:
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])


def main() -> None:
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "sbom.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    made = document()
    file.write_text(made)
    print(f"{file}: {len(json.loads(made)['components'])} components")


if __name__ == "__main__":
    main()
