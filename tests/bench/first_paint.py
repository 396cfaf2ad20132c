"""How long a parent on a slow phone waits for the diary: the first time, and the second with what the browser kept.

    python -m tests.bench.first_paint http://127.0.0.1:8000 LOGIN PUPIL [repeats]

The line and the processor are those of the design: 400 kbit/s, 400 ms to and fro, a processor a quarter as fast.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from deploy.demo.people import Visitor
from deploy.embedded import chromium
from tests.acceptance.people import Person, sign_in

KILOBIT = 1000 / 8
LINE = {"offline": False, "latency": 400, "downloadThroughput": 400 * KILOBIT, "uploadThroughput": 400 * KILOBIT}
SLOWER = 4
PHONE = {"width": 390, "height": 800}
USEFUL = ".day .lesson"
"""A lesson of the diary: what one opens the page for."""

WATCH = f"""
window.paints = {{}};
new PerformanceObserver((list) => {{
  for (const paint of list.getEntries()) window.paints[paint.name] = paint.startTime;
}}).observe({{type: 'paint', buffered: true}});
new MutationObserver((_, watch) => {{
  if (!document.querySelector('{USEFUL}')) return;
  watch.disconnect();
  requestAnimationFrame(() => setTimeout(() => (window.paints.useful = performance.now())));
}}).observe(document, {{childList: true, subtree: true}});
"""


@dataclass(frozen=True)
class Opened:
    """Milliseconds since the address was entered, and what came over the line meanwhile."""

    first: float
    """Anything painted."""
    useful: float
    """A lesson of the diary painted."""
    kilobytes: float
    requests: int


@contextmanager
def kept_browser(browser: Browser, person: Person) -> Iterator[BrowserContext]:
    """An empty cache and the session of someone signed in."""
    context = browser.new_context(viewport=PHONE, locale="ru-RU", is_mobile=True, has_touch=True)  # type: ignore[arg-type]
    try:
        address = person.url.replace(
            "http:", "https:"
        )  # a secure cookie, which Chromium sends to 127.0.0.1 without TLS too
        context.add_cookies(
            [
                {"name": c.name, "value": c.value or "", "url": address, "secure": True, "httpOnly": True}
                for c in person.http.cookies.jar
                if c.name.startswith("__Host-")
            ]
        )
        context.add_init_script(WATCH)
        yield context
    finally:
        context.close()


def open_diary(context: BrowserContext, address: str) -> Opened:
    """A new tab at the address, over the slow line."""
    page = context.new_page()
    try:
        line = context.new_cdp_session(page)
        line.send("Network.enable")
        line.send("Network.emulateNetworkConditions", LINE)
        line.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.goto(address, wait_until="commit", timeout=60_000)
        page.locator(USEFUL).first.wait_for(state="attached", timeout=60_000)
        page.wait_for_timeout(1_000)  # the frame in which it is painted, on a processor a quarter as fast
        return _opened(page)
    finally:
        page.close()


def _opened(page: Page) -> Opened:
    """Also what was fetched until then: bytes over the line, and how many requests used it."""
    found = page.evaluate("""() => {
        const {useful, 'first-contentful-paint': first} = window.paints;
        const all = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
        const sent = all.filter((r) => r.transferSize > 0 && r.responseEnd > 0 && r.responseEnd <= useful);
        return {first, useful, bytes: sent.reduce((sum, r) => sum + r.transferSize, 0), requests: sent.length};
    }""")
    return Opened(found["first"], found["useful"], found["bytes"] / 1000, found["requests"])


def twice(browser: Browser, person: Person, address: str) -> tuple[Opened, Opened]:
    """The first time with nothing kept, the second with what the first left; the page is read in between."""
    with kept_browser(browser, person) as context:
        first = open_diary(context, address)
        page = context.new_page()  # at rest: the rest of the first visit comes over a good line
        page.goto(address)
        page.wait_for_timeout(5_000)
        page.close()
        return first, open_diary(context, address)


def main(url: str, login: str, pupil: str, repeats: int) -> None:
    with (
        sync_playwright() as playwright,
        chromium.launch(playwright) as browser,
        sign_in(url, Visitor("", login, "")) as person,
    ):
        for _ in range(repeats):
            print(*twice(browser, person, f"{url}/pupils/{pupil}/diary"), sep="\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]) if len(sys.argv) > 4 else 3)
