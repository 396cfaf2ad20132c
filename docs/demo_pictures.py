"""Pictures of the demo's district as its visitors see it: a teacher's today, the day of the school, a family."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, ViewportSize, sync_playwright

from deploy.demo import zarechye
from deploy.demo.people import PASSWORD
from deploy.demo.stack import ROOT, Stack
from deploy.embedded import chromium

MORNING = "11:05"
"""A lesson goes on, some are over, some have no roll yet."""
SETTLES = 1500
"""Milliseconds in which the parts of a page that come later have come; live streams keep it from ever being idle."""
DESK: ViewportSize = {"width": 1280, "height": 860}
PHONE: ViewportSize = {"width": 390, "height": 844}


@dataclass(frozen=True)
class Shot:
    """`login` is one of the demo's visitors; `scheme` light or dark."""

    name: str
    login: str
    path: str
    size: ViewportSize = DESK
    scheme: Literal["light", "dark"] = "light"


SHOTS = (
    Shot("today", "teacher", "/today"),
    Shot("school", "head", "/school"),
    Shot("school-dark", "head", "/school", DESK, "dark"),
    Shot("family", "parent", "/family", PHONE),
    Shot("family-desk", "parent", "/family"),
    Shot("district", "officer", "/district"),
)


def take(to: Path) -> None:
    """Start the demo, take the pictures, stop it. The district is kept in build/pictures-demo for the next time."""
    to.mkdir(parents=True, exist_ok=True)
    with _demo() as url, sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        for shot in SHOTS:
            _take(browser, url, shot, to / f"{shot.name}.png")
        browser.close()


@contextmanager
def _demo() -> Iterator[str]:
    folder = Path(os.environ.get("DIARY_DEMO_FOLDER", ROOT / "build" / "pictures-demo")) / "zarechye"
    folder.mkdir(parents=True, exist_ok=True)
    settings = {"DIARY_SCHOOL_TODAY": zarechye.TODAY.isoformat(), "DIARY_SCHOOL_TIME": MORNING}
    with Stack(folder, settings) as stack:
        zarechye.load(stack, folder)
        yield stack.url


def _take(browser: Browser, url: str, shot: Shot, file: Path) -> None:
    context = browser.new_context(viewport=shot.size, locale="ru-RU", color_scheme=shot.scheme)
    page = context.new_page()
    page.goto(f"{url}/auth/sign-in?return_to={shot.path}")
    page.get_by_label("Логин").fill(shot.login)
    page.get_by_label("Пароль").fill(PASSWORD)
    page.get_by_role("button", name="Войти", exact=True).click()
    page.wait_for_url(f"{url}{shot.path}")
    page.locator(".skeleton").first.wait_for(state="detached")
    page.wait_for_timeout(SETTLES)
    page.evaluate("document.fonts.ready")
    page.screenshot(path=file, animations="disabled")
    context.close()
