"""Entry goes on while many write and read at once: no entry is refused, nothing is there twice."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx

from tests.acceptance.people import Person, until
from tests.acceptance.town import Town

COLUMNS = 24
READERS = 8
ON = date(2022, 3, 2)


def saved(by: Person, work: UUID, pupil: UUID) -> httpx.Response:
    """One mark, with its command sent twice at the same time, as a nervous hand does it."""
    body, key = {"marks": [{"pupil_id": str(pupil), "value": "5"}]}, uuid4()

    def send() -> httpx.Response:
        return by.send("POST", "grades", f"/works/{work}/marks", body, key)

    with ThreadPoolExecutor(2) as twice:
        answers = [one.result() for one in (twice.submit(send), twice.submit(send))]
    accepted = [answer for answer in answers if answer.status_code == 200]
    assert accepted and {answer.content for answer in accepted} == {accepted[0].content}
    assert all(answer.json()["code"] == "in-progress" for answer in answers if answer.status_code != 200)
    return accepted[0]


def test_o_05_many_entries_at_once_are_all_taken_while_many_read(town: Town, anna: Person, olga: Person) -> None:
    petya = town.person("petya")
    works = [town.open_work(anna, ON) for _ in range(COLUMNS)]
    asked = {"pupil_id": petya, "first": ON, "last": ON}
    reading = True

    def read() -> Counter[int]:
        """Answers by status; a reader that has to wait comes again when it was told to, as the page does."""
        seen: Counter[int] = Counter()
        while reading or not seen[200]:
            page = olga.get("reporting", "/diary", **asked)
            seen[page.status_code] += 1
            if page.status_code == 503:
                assert page.json()["code"] == "portal.busy"
                time.sleep(int(page.headers["Retry-After"]))
        return seen

    with ThreadPoolExecutor(READERS) as readers, ThreadPoolExecutor(COLUMNS) as writers:
        pages = [readers.submit(read) for _ in range(READERS)]
        try:
            entries = [writers.submit(saved, anna, work, petya) for work in works]
            assert [one.result().status_code for one in entries] == [200] * COLUMNS
        finally:
            reading = False
        seen = sum((page.result() for page in pages), Counter[int]())
    assert set(seen) <= {200, 503} and seen[200] >= READERS

    def shown() -> Any:
        marks = olga.read("reporting", "/marks", **asked)["subjects"]
        found = [mark["work_id"] for subject in marks for mark in subject["marks"]]
        return found if len(found) >= COLUMNS else None

    assert sorted(until(shown)) == sorted(map(str, works))
