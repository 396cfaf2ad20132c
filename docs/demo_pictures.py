"""Pictures of the demo's district as its visitors see it: a teacher's, a head's, a family's."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from deploy.demo import zarechye
from deploy.demo.people import PASSWORD
from deploy.demo.stack import ROOT, Stack
from deploy.embedded import chromium

MORNING = "11:05"
"""A lesson goes on, some are over, some have no roll yet."""
SETTLES = 1500
"""Milliseconds in which the parts of a page that come later have come; live streams keep it from ever being idle."""
DESK = (1280, 860)
PHONE = (390, 844)


@dataclass(frozen=True)
class Shot:
    """`login` is one of the demo's visitors, `size` the window's width and height in pixels.

    `then` begins the name of a link that is followed from `path`.
    """

    name: str
    login: str
    path: str
    size: tuple[int, int] = DESK
    scheme: Literal["light", "dark"] = "light"
    then: str = ""


SHOTS = (
    Shot("today", "teacher", "/today"),
    Shot("school", "head", "/school"),
    Shot("school-dark", "head", "/school", DESK, "dark"),
    Shot("family", "parent", "/family", PHONE),
    Shot("family-desk", "parent", "/family"),
    Shot("district", "officer", "/district"),
    Shot("journal", "teacher", "/today", then="Оценки"),
    Shot("diary", "parent", "/family", PHONE, then="Дневник"),
    Shot("marks", "parent", "/family", PHONE, then="Оценки"),
    Shot("homework", "parent", "/family", PHONE, then="Домашние задания"),
    Shot("plan", "teacher", "/homework"),
    Shot("reports", "head", "/reports"),
    Shot("notices", "parent", "/notices", PHONE),
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
        zarechye.load_rest(stack, folder)
        yield stack.url


def _take(browser: Browser, url: str, shot: Shot, file: Path) -> None:
    width, height = shot.size
    viewport = ViewportSize(width=width, height=height)
    context = browser.new_context(viewport=viewport, locale="ru-RU", color_scheme=shot.scheme)
    context.add_init_script("localStorage.setItem('diary.tour', 'done')")
    page = context.new_page()
    page.goto(f"{url}/auth/sign-in?return_to={shot.path}")
    page.get_by_label("Логин").fill(shot.login)
    page.get_by_label("Пароль").fill(PASSWORD)
    page.get_by_role("button", name="Войти", exact=True).click()
    page.wait_for_url(f"{url}{shot.path}")
    _settle(page)
    if shot.then:
        page.get_by_role("link", name=re.compile(f"^{shot.then}")).first.click()
        _settle(page)
    page.evaluate("document.fonts.ready")
    page.screenshot(path=file, animations="disabled")
    context.close()


def _settle(page: Page) -> None:
    page.wait_for_timeout(SETTLES)
    expect(page.locator(".skeleton")).to_have_count(0, timeout=30_000)
