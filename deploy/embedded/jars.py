"""Kafka's jars, from the Maven repository, each checked against the list in jars.txt.

`python -m deploy.embedded.jars` writes that list anew after a change of ENDPOINT.
"""

import hashlib
import os
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from deploy.embedded import cache
from deploy.embedded.progress import say

LIST = Path(__file__).with_name("jars.txt")
# Kafka has no SLF4J binding among its dependencies, and without one it logs nothing
ENDPOINT = "org.apache.kafka:kafka_2.13:4.4.0+org.slf4j:slf4j-simple:1.7.36@kafka.Kafka"
TIMEOUT = 60  # seconds for one request


class WrongContent(RuntimeError):
    """A downloaded file is not the one of our list."""


def folder() -> Path:
    """The folder of all jars in the cache; fetched at the first call."""
    mark = hashlib.sha256(LIST.read_bytes()).hexdigest()[:12]
    return cache.prepared(f"kafka-{mark}", _fetch)


def _fetch(target: Path) -> None:
    """Download every listed jar. We name each one, so no POM has to be read: that takes most of jgo's time."""
    # slow to import, and needed once
    from jgo.maven import MavenContext

    context = MavenContext(repo_cache=target / ".repository", timeout=TIMEOUT)

    def one(line: str) -> None:
        coordinate, expected = line.split()
        group, name, version = coordinate.split(":")
        for last in (False, False, True):
            try:
                path = context.project(group, name).at_version(version).artifact().resolve()
                break
            except Exception:
                if last:
                    raise
        if cache.sha256(path) != expected:
            raise WrongContent(f"{coordinate}: its SHA-256 is not the one in {LIST.name}")
        os.replace(path, target / f"{name}-{version}.jar")

    lines = LIST.read_text().splitlines()
    with ThreadPoolExecutor(8) as pool:
        for done, _ in enumerate(pool.map(one, lines), start=1):
            if done % 10 == 0 or done == len(lines):
                say(f"  {done} of {len(lines)} jars of Kafka")
    shutil.rmtree(target / ".repository")


def relist() -> None:
    """Resolve ENDPOINT with jgo and write the list. Never into the user's own Maven repository."""
    from jgo.env import EnvironmentBuilder, LinkStrategy
    from jgo.maven import MavenContext

    with tempfile.TemporaryDirectory() as temporary:
        context = MavenContext(repo_cache=Path(temporary, "repository"), timeout=TIMEOUT)
        builder = EnvironmentBuilder(context, cache_dir=Path(temporary, "cache"), link_strategy=LinkStrategy.HARD)
        builder.from_endpoint(ENDPOINT)
        found = sorted(Path(temporary, "repository").rglob("*.jar"))
        rows = [f"{_coordinate(jar.relative_to(Path(temporary, 'repository')))} {cache.sha256(jar)}\n" for jar in found]
    LIST.write_text("".join(rows))


def _coordinate(jar: Path) -> str:
    *group, name, version, _ = jar.parts
    return f"{'.'.join(group)}:{name}:{version}"


if __name__ == "__main__":
    relist()
