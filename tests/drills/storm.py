"""Faults of many kinds drawn by a seed, in two lanes at once: one for our processes, one for the servers they need."""

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Sequence

from deploy.embedded.supervisor import NotReady
from tests.drills.proxy import Message, Verdict
from tests.drills.rig import Process, Rig

STARTS = 6
"""How often a process is started that ends because a server it needs is away, as its supervisor would."""
Fault = Callable[[random.Random], None]


class Storm:
    """Blows for so many seconds; afterwards everything runs that ran before. `failures` are of the drill itself."""

    def __init__(self, rig: Rig, processes: Sequence[Process]) -> None:
        self._rig, self._processes = rig, processes
        self.failures: list[BaseException] = []

    def blow(self, seconds: float) -> None:
        """Raises what went wrong with a fault itself."""
        until = time.monotonic() + seconds
        ours: list[Fault] = [self._kill, self._kill, self._freeze, self._lose_a_commit, self._lose_an_acknowledgement]
        servers: list[Fault] = [self._kill_postgres, self._kill_kafka, self._freeze_kafka]
        lanes = [
            threading.Thread(target=self._lane, args=(name, faults, pause, until), daemon=True)
            for name, faults, pause in (("processes", ours, 4.0), ("servers", servers, 15.0))
        ]
        for lane in lanes:
            lane.start()
        for lane in lanes:
            lane.join(seconds + 180)
        if self.failures:
            raise self.failures[0]

    def _lane(self, name: str, faults: Sequence[Fault], pause: float, until: float) -> None:
        chance = random.Random(f"{self._rig.seed}/{name}")
        try:
            while time.monotonic() < until:
                time.sleep(chance.uniform(0.5, pause))
                chance.choice(faults)(chance)
        except BaseException as error:  # seen by the drill when the storm is over
            self.failures.append(error)

    # our processes

    def _kill(self, chance: random.Random) -> None:
        one = chance.choice(self._processes)
        one.child.kill()
        self._rig.note(f"{one.name} killed")
        time.sleep(chance.uniform(0, 3))
        for attempt in range(1, STARTS + 1):
            one.start()
            try:
                return one.wait()
            except NotReady:
                self._rig.note(f"{one.name} does not come up, try {attempt}")
                one.child.kill()
        raise NotReady(f"{one.name} does not come up")

    def _freeze(self, chance: random.Random) -> None:
        one, seconds = chance.choice(self._processes), chance.uniform(1, 14)
        one.send(signal.SIGSTOP)
        self._rig.note(f"{one.name} frozen for {seconds:.1f} s")
        time.sleep(seconds)
        one.send(signal.SIGCONT)

    def _lose_a_commit(self, chance: random.Random) -> None:
        self._lose(self._rig.postgres_proxy.trap, _committed, "PostgreSQL's word of a commit", chance)

    def _lose_an_acknowledgement(self, chance: random.Random) -> None:
        self._lose(self._rig.kafka_proxy.trap, _produced, "Kafka's word of a batch", chance)

    def _lose(
        self, trap: Callable[..., object], when: Callable[[Message], bool], what: str, chance: random.Random
    ) -> None:
        verdict = chance.choice((Verdict.CUT, Verdict.DROP))
        trap(when, lambda _: verdict)
        self._rig.note(f"{what} is lost next time ({verdict.name})")

    # servers

    def _kill_postgres(self, chance: random.Random) -> None:
        self._rig.postgres.kill()
        self._rig.note("PostgreSQL killed")
        time.sleep(chance.uniform(0, 3))
        self._rig.postgres.start()
        self._rig.note("PostgreSQL is back")

    def _kill_kafka(self, chance: random.Random) -> None:
        self._rig.kafka.kill()
        self._rig.note("Kafka killed")
        time.sleep(chance.uniform(0, 5))
        self._rig.kafka.start()
        self._rig.note("Kafka is back")

    def _freeze_kafka(self, chance: random.Random) -> None:
        seconds = chance.uniform(1, 10)
        os.kill(self._rig.kafka.pid, signal.SIGSTOP)
        self._rig.note(f"Kafka frozen for {seconds:.1f} s")
        time.sleep(seconds)
        os.kill(self._rig.kafka.pid, signal.SIGCONT)


def _committed(message: Message) -> bool:
    return message.kind == "answers" and message.name == "COMMIT"


def _produced(message: Message) -> bool:
    return message.kind == "answers" and message.name == "Produce"
