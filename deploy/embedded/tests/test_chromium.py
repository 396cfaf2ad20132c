"""Chromium out of a package: it must show Russian text."""

from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from deploy.embedded import chromium, node

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WIDTHS = """() => ['Щ', 'i', 'Ё'].map(letter => {
    const span = document.createElement('span');
    span.textContent = letter.repeat(10);
    document.body.append(span);
    return span.getBoundingClientRect().width;
})"""


@pytest.mark.browser
def test_it_draws_russian_letters_and_not_boxes(browser: "Browser") -> None:
    page = browser.new_page()
    page.set_content("<h1>Журнал 5«Ё»</h1>")
    assert page.inner_text("h1") == "Журнал 5«Ё»"
    # letters that a font lacks are drawn as boxes of one width
    assert len(set(page.evaluate(WIDTHS))) == 3
    page.close()


@pytest.fixture
def origins() -> Iterator[list[str]]:
    """Two web servers, which to a browser are two origins."""
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler) for _ in range(2)]
    for server in servers:
        Thread(target=server.serve_forever, daemon=True).start()
    yield [f"http://127.0.0.1:{server.server_port}/" for server in servers]
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.browser
def test_web_security_is_on(browser: "Browser", origins: list[str]) -> None:
    page = browser.new_page()
    page.goto(origins[0])
    read = "address => fetch(address).then(() => true, () => false)"
    assert [page.evaluate(read, address) for address in origins] == [True, False]
    page.close()


def test_its_programs_are_all_in_the_cache() -> None:
    assert chromium.executable().is_file()
    for name in ("LD_LIBRARY_PATH", "FONTCONFIG_FILE"):
        assert Path(chromium.environment()[name]).exists()


def test_npm_runs_from_a_path_with_spaces(tmp_path: Path) -> None:
    web = tmp_path / "с пробелами"
    web.mkdir()
    (web / "package.json").write_text(
        '{"scripts": {"say": "node -e \\"require(\'fs\').writeFileSync(\'out\', \'1\')\\""}}'
    )
    node.npm(["run", "--silent", "say"], web)
    assert (web / "out").read_text() == "1"
