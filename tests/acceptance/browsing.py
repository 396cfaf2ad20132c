"""Real browsers in front of the running product."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, ViewportSize, expect

from deploy.demo.people import PASSWORD, Visitor

PICTURES = Path(__file__).parents[2] / "build" / "pictures"
PHONE: ViewportSize = {"width": 390, "height": 800}
NARROW: ViewportSize = {"width": 320, "height": 640}
DESK: ViewportSize = {"width": 1280, "height": 800}

expect.set_options(timeout=15_000)


@contextmanager
def opened(
    browser: Browser,
    url: str,
    visitor: Visitor,
    size: ViewportSize = DESK,
    *,
    at: str = "",
    newcomer: bool = False,
    **more: Any,
) -> Iterator[Page]:
    """A browser of its own, signed in by the form, at the visitor's first page or `at` the one he opened.

    A `newcomer` is offered the tour.
    """
    context = browser.new_context(**{"viewport": size, "locale": "ru-RU", **more})
    if not newcomer:
        context.add_init_script("localStorage.getItem('diary.tour') ?? localStorage.setItem('diary.tour', 'done')")
    try:
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.goto(url + at)
        fill_sign_in(page, visitor.login, PASSWORD)
        page.get_by_role("main").wait_for()
        page.wait_for_url(lambda address: "/identity/" not in address and address != f"{url}/")
        yield page
    finally:
        context.close()


def fill_sign_in(page: Page, login: str, password: str) -> None:
    page.get_by_label("Логин").fill(login)
    page.get_by_label("Пароль").fill(password)
    page.get_by_role("button", name="Войти", exact=True).click()


def picture(page: Page, name: str) -> None:
    """Keep what a person sees; `python -m docs.take_pictures` puts the chosen ones into the documents."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.evaluate("document.fonts.ready")
    page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")
