"""What a browser holds of whoever is signed in, and what is left when he has gone."""

import pytest
from playwright.sync_api import Browser

from deploy.demo.people import PARENT, TEACHER, Visitor
from tests.acceptance.browsing import opened
from tests.acceptance.conftest import Diary

KEPT = """async () => {
    const caches_ = await Promise.all((await caches.keys()).map(async (one) => (await caches.open(one)).keys()));
    return {
        cookie: document.cookie, url: location.href, page: document.documentElement.outerHTML,
        session: JSON.stringify(sessionStorage), local: JSON.stringify(localStorage), named: Object.keys(localStorage),
        cached: caches_.flat().map((one) => new URL(one.url).pathname),
        stores: (await indexedDB.databases()).map((one) => one.name),
    };
}"""
PREFERENCES = {"diary.ahead", "diary.language", "diary.theme", "diary.tour"}


@pytest.mark.browser
@pytest.mark.parametrize("visitor", [TEACHER, PARENT])
def test_sc_22_a_browser_holds_no_token_and_after_signing_out_nothing_of_anybody(
    diary: Diary, browser: Browser, visitor: Visitor
) -> None:
    with opened(browser, diary.url, visitor) as page:
        page.get_by_role("main").get_by_role("heading").first.wait_for()
        (cookie,) = [one for one in page.context.cookies() if one["name"].endswith("diary")]
        assert cookie["httpOnly"] and cookie["sameSite"] == "Lax" and len(cookie["value"]) >= 43
        before = page.evaluate(KEPT)
        assert before["cookie"] == "" and "eyJ" not in str(before) and cookie["value"] not in str(before)
        page.get_by_role("button", name="Выйти").click()
        page.get_by_label("Логин").wait_for()
        after = page.evaluate(KEPT)
        assert (after["cookie"], after["session"], after["stores"]) == ("", "{}", [])
        assert set(after["named"]) <= PREFERENCES
        assert not [path for path in after["cached"] if path.startswith(("/api/", "/live", "/auth/"))]
