from pathlib import Path

import httpx
import pytest
from fastapi import Request

from services.portal.pages import POLICY, Pages
from services.portal.tests.conftest import World


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html>" + "x" * 2000)
    (tmp_path / "assets" / "app-1a2b.js").write_text("run()" * 1000)
    (tmp_path / "assets" / "app-1a2b.js.br").write_bytes(b"as brotli")
    (tmp_path / "icon.svg").write_text("<svg/>")
    return Pages.load(tmp_path)


@pytest.mark.parametrize(
    ("path", "media_type", "immutable"),
    [("", "text/html", False), ("journal/7a", "text/html", False), ("assets/app-1a2b.js", "text/javascript", True),
     ("icon.svg", "image/svg+xml", False)],
)  # fmt: skip
def test_every_address_of_the_application_gets_its_page(
    pages: Pages, path: str, media_type: str, immutable: bool
) -> None:
    file = pages.find(path)
    assert file is not None
    assert (file.media_type, file.immutable) == (media_type, immutable)


@pytest.mark.parametrize("path", ["assets/app-old.js", "../secret.txt", "/etc/passwd.x", ".env", "assets/../main.py"])
def test_what_was_not_built_is_not_there(pages: Pages, path: str) -> None:
    assert pages.find(path) is None


def test_files_travel_packed(pages: Pages) -> None:
    file = pages.find("assets/app-1a2b.js")
    assert file and file.packed and len(file.packed) < len(file.body) / 10
    assert file.smaller == b"as brotli"
    assert pages.find("assets/app-1a2b.js.br") is None


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [("gzip, deflate, br, zstd", "br"), ("gzip;q=0.8, deflate", "gzip"), ("identity", None), ("", None)],
)
def test_the_browser_gets_the_smallest_it_takes(pages: Pages, accepted: str, coding: str | None) -> None:
    file = pages.find("assets/app-1a2b.js")
    asked = Request({"type": "http", "headers": [(b"accept-encoding", accepted.encode())]})
    assert file and file.response(asked).headers.get("content-encoding") == coding


@pytest.mark.parametrize(
    "path", ["/", "/nowhere.txt", "/auth/session", "/identity/sign-in", "/auth/callback", "/api/x/y"]
)
def test_every_answer_is_strict(world: World, path: str) -> None:
    headers = httpx.get(world.origin + path).headers
    assert "unsafe-inline" not in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_the_policy_lets_nothing_foreign_in() -> None:
    for piece in ("unsafe", "http", "*", "data:"):
        assert piece not in POLICY
