"""What is left of the diary when five times as many people come as it can serve.

    python -m tests.bench.overload [--schools 40] [--seconds 20] [--times 5] [--rounds 3]

Of twenty requests nineteen open a pupil's week, one is a teacher's roll. First the rate rises until fewer are answered
than came; the most that were answered is the peak. Then `--times` as many come for `--seconds`, whether or not those
before were answered, and nobody tries again: what a crowd does in its worst minute. Once everybody is so many more;
once the families are, and teachers as many as before, since a roll is three times the work of a page. The tables are
those of the city (city.py). The sender shares the machine, and five times the people cost it more: beside the bare
share of the peak stands that of good answers for each processor that it left.
"""

import argparse
import asyncio
import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import aiohttp

from tests.bench.city import MONDAY, Roll, at, city, cookie, rolls
from tests.bench.city_rows import CLASS, CLASSES, id_of
from tests.bench.report import Figure, plain, write
from tests.bench.whole import Product

SCHOOLS = 40
RATES = (50, 100, 150, 200, 250, 300, 400)
STEP, SECONDS, TIMES, ROUNDS = 8.0, 20.0, 5, 3
ONE_IN = 20
"""Requests of which one writes."""
ANSWER = 30.0
SERVED = 0.9
"""Share of those that came, below which the rate is too much."""


@dataclass(frozen=True)
class Crowd:
    """`good` answers a second; of the writes the share that was accepted, and the ms of those; the ms of refusals.

    `statuses` counts every answer; `unasked` refusals did not say when to come again. `sender`: processors it used.
    """

    rate: float
    good: float
    writes: float
    saves: tuple[float, ...]
    refusals: tuple[float, ...]
    statuses: Counter[str]
    unasked: int
    sender: float

    def line(self) -> str:
        counts = ", ".join(f"{status} {count}" for status, count in sorted(self.statuses.items()))
        return (
            f"{self.rate:.0f}/s come: {self.good:.0f}/s good; rolls {self.writes:.1%} accepted, p99 "
            f"{_at(self.saves, 99):.0f} ms; refusals p50 {_at(self.refusals, 50):.0f} p99 "
            f"{_at(self.refusals, 99):.0f} ms, "
            f"{self.unasked} without Retry-After; {counts}; the sender used {self.sender:.2f} processors"
        )


def _at(values: Sequence[float], percent: int) -> float:
    """0 where nothing came."""
    return at(values, percent) if len(values) > 1 else 0.0


class Sender:
    """Sends what is due and writes down what comes of it."""

    def __init__(self, one: Product, http: aiohttp.ClientSession, schools: int) -> None:
        self._one, self._http, self._schools = one, http, schools
        self._rolls = self._every_roll()

    def _every_roll(self) -> Iterator[Roll]:
        for lesson in range(25):
            taken = rolls(self._schools, lesson)
            random.Random(lesson).shuffle(taken)
            yield from taken

    async def crowd(self, rate: float, seconds: float, one_in: int = ONE_IN) -> Crowd:
        """So many a second, each in its own time; of `one_in` requests one writes."""
        answers: list[tuple[bool, str, float, bool]] = []
        spent, began, under_way = time.process_time(), time.monotonic(), []
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
            writes = number % one_in == 0
            under_way.append(asyncio.create_task(self._one_more(writes, answers)))
        ended = time.monotonic()
        in_time = sum(status == "200" for _, status, _, _ in answers)
        sender = (time.process_time() - spent) / (ended - began)
        await asyncio.gather(*under_way)
        written = [(status, ms) for writes, status, ms, _ in answers if writes]
        refused = [(ms, told) for _, status, ms, told in answers if status in ("429", "503")]
        return Crowd(
            rate=rate,
            good=in_time / (ended - began),
            writes=sum(status == "200" for status, _ in written) / len(written),
            saves=tuple(ms for status, ms in written if status == "200"),
            refusals=tuple(ms for ms, _ in refused),
            statuses=Counter(status for _, status, _, _ in answers),
            unasked=sum(not told for _, told in refused),
            sender=sender,
        )

    async def _one_more(self, writes: bool, answers: list[tuple[bool, str, float, bool]]) -> None:
        began = time.monotonic()
        try:
            async with self._take(next(self._rolls)) if writes else self._look() as answer:
                await answer.read()
                status, told = str(answer.status), "Retry-After" in answer.headers
        except (aiohttp.ClientError, TimeoutError) as error:
            status, told = type(error).__name__, False
        answers.append((writes, status, (time.monotonic() - began) * 1000, told))

    def _look(self) -> "aiohttp.client._RequestContextManager":
        pupil = random.randrange(self._schools * CLASSES // 2) * 2 * CLASS
        asked = {"pupil_id": str(id_of("pupil", pupil)), "first": str(MONDAY), "last": str(MONDAY.replace(day=7))}
        return self._http.get(
            f"{self._one.stack.url}/api/reporting/diary", params=asked, headers=cookie("parent", pupil)
        )

    def _take(self, roll: Roll) -> "aiohttp.client._RequestContextManager":
        headers = {**cookie("teacher", roll.teacher), "X-Diary": "1", "Origin": self._one.stack.url}
        headers["Idempotency-Key"] = str(id_of(f"roll {roll.group} {roll.on}", roll.number))
        body = {"entries": [{"pupil_id": str(id_of("pupil", roll.watched)), "state": "absent"}]}
        address = f"{self._one.stack.url}/api/attendance/rolls/{roll.group}/{roll.on}/{roll.number}"
        return self._http.put(address, json=body, headers=headers)


Round = tuple[Crowd, dict[str, Crowd]]
"""The peak, and by who is too many the crowd that is too great."""


async def played(one: Product, schools: int, seconds: float, times: int, rounds: int) -> list[Round]:
    """So many rounds, after a first step that warms up."""
    connector, timeout = aiohttp.TCPConnector(limit=0), aiohttp.ClientTimeout(ANSWER)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as http:
        sender = Sender(one, http, schools)
        await sender.crowd(RATES[0], STEP)  # a first step warms up
        return [await _round(sender, seconds, times) for _ in range(rounds)]


async def _round(sender: Sender, seconds: float, times: int) -> Round:
    peak: Crowd | None = None
    for rate in RATES:
        step = await sender.crowd(rate, STEP)
        print(step.line(), flush=True)
        peak = step if peak is None or step.good > peak.good else peak
        if step.good < SERVED * rate:
            break
    assert peak is not None
    over = {}
    for who, one_in in (("everybody", ONE_IN), ("families", ONE_IN * times)):
        await asyncio.sleep(5)
        over[who] = await sender.crowd(times * peak.good, seconds, one_in)
        print(who, over[who].line(), flush=True)
    return peak, over


def figures(rounds: Sequence[Round], times: int) -> list[Figure]:
    return [
        figure
        for who in rounds[0][1]
        for figure in _of_crowds([(peak, over[who]) for peak, over in rounds], f"overload, {times} × {who}")
    ]


def _of_crowds(rounds: Sequence[tuple[Crowd, Crowd]], name: str) -> list[Figure]:
    cores = len(os.sched_getaffinity(0))
    bare = [over.good / peak.good for peak, over in rounds]
    left = [over.good / (cores - over.sender) / (peak.good / (cores - peak.sender)) for peak, over in rounds]
    crowds = [over for _, over in rounds]
    return [
        plain(f"{name}, good answers", "/s", [over.good for over in crowds]),
        _at_least(f"{name}, of the peak", bare, 0.9),
        _at_least(f"{name}, of the peak, for each processor the sender left", left, 0.9),
        _at_least(f"{name}, rolls accepted", [over.writes for over in crowds], 0.99),
        plain(f"{name}, roll p99", "ms", [_at(over.saves, 99) for over in crowds], 1000),
        plain(f"{name}, refusal p50", "ms", [_at(over.refusals, 50) for over in crowds], 50),
        plain(f"{name}, refusal p99", "ms", [_at(over.refusals, 99) for over in crowds]),
        plain(f"{name}, the sender's own", "processors", [over.sender for over in crowds]),
    ]


def _at_least(name: str, shares: Sequence[float], goal: float) -> Figure:
    share = round(median(shares), 3)
    return Figure(name, share, "", (min(shares), max(shares)), goal=goal, met=share >= goal)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--schools", type=int, default=SCHOOLS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--times", type=int, default=TIMES)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args(arguments)
    print(f"{len(os.sched_getaffinity(0))} cores")
    with tempfile.TemporaryDirectory(prefix="diary-bench-") as made:
        Path(made).chmod(0o755)
        with city(Path(made), asked.schools) as one:
            rounds = asyncio.run(played(one, asked.schools, asked.seconds, asked.times, asked.rounds))
            write(figures(rounds, asked.times))


if __name__ == "__main__":
    main()
