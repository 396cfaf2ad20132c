"""The ring's three answers: a key, destroyed, no answer."""

import base64
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic
from uuid import UUID, uuid4

import psycopg
import pytest
from pydantic import SecretStr

from deploy.embedded.postgres import Postgres
from shared.postgres import conninfo
from shared.sealed import SERVICE, Destroyed, KeyRing, NoAnswer, create
from shared.sealed.cache import MOST, Cache
from shared.sealed.tests.conftest import MASTER, settings_for
from shared.settings import Settings

OTHER = base64.b64encode(bytes(32)).decode()


def test_twenty_at_once_get_one_key(new_ring: Callable[[], KeyRing]) -> None:
    owners = [uuid4() for _ in range(30)]
    rings = [new_ring() for _ in range(4)]
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda n: rings[n % 4].keys(owners[:: 1 if n % 2 else -1], create=True), range(20)))
    assert all(answer == answers[0] for answer in answers)
    assert len(set(answers[0].values())) == 30


def test_who_never_had_a_key_is_left_out(ring: KeyRing) -> None:
    assert ring.keys([uuid4()], create=False) == {}


def test_destruction_says_when_and_by_which_act_and_is_for_good(new_ring: Callable[[], KeyRing]) -> None:
    ring, owner = new_ring(), uuid4()
    ring.keys([owner], create=True)
    ring.destroy(owner, "act 7/2026")
    ring.destroy(owner, "a later act")
    for asked in (ring, new_ring()):
        answer = asked.keys([owner], create=True)[owner]
        assert isinstance(answer, Destroyed)
        assert answer.act == "act 7/2026"


@pytest.mark.parametrize("role", ["api", "eraser"])
def test_no_service_can_bring_a_key_back_or_replace_it(settings: Settings, ring: KeyRing, role: str) -> None:
    owner = uuid4()
    ring.keys([owner], create=True)
    with psycopg.connect(conninfo(settings, SERVICE, role), autocommit=True) as conn:
        for forbidden in ("UPDATE keys SET wrapped = ''", "DELETE FROM keys", "INSERT INTO keys VALUES (NULL)"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(forbidden)


def test_most_services_read_and_make_keys_and_the_server_refuses_them_to_destroy_one(settings: Settings) -> None:
    ring, owner = KeyRing.connect(settings), uuid4()
    made = ring.keys([owner], create=True)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ring.destroy(owner, "by nobody's leave")
    ring.forget(owner)
    assert ring.keys([owner], create=False) == made
    ring.close()


def test_the_erasers_password_is_its_own(settings: Settings) -> None:
    own = settings.model_copy(update={"keyring_eraser_password": SecretStr("of roster and identity")})
    create(own, erases=True)
    create(settings, erases=False)  # another service, which does not know it, leaves it as it is
    ring, owner = KeyRing.connect(own, erases=True), uuid4()
    ring.destroy(owner, "act 8/2026")
    assert isinstance(ring.keys([owner], create=False)[owner], Destroyed)
    ring.close()
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(conninfo(settings, SERVICE, "eraser"))
    create(settings, erases=True)


def test_keys_do_not_stand_in_the_database_in_the_clear(settings: Settings, ring: KeyRing) -> None:
    owner = uuid4()
    key = ring.keys([owner], create=True)[owner]
    with psycopg.connect(conninfo(settings, SERVICE, "api")) as conn:
        row = conn.execute("SELECT wrapped FROM keys WHERE owner = %s", [owner]).fetchone()
    assert row is not None
    assert isinstance(key, bytes)
    assert key not in row[0]


def test_another_master_is_no_answer_and_never_an_erasure(settings: Settings, ring: KeyRing) -> None:
    owner = uuid4()
    ring.keys([owner], create=True)
    stranger = KeyRing.connect(settings.model_copy(update={"keyring_master": SecretStr(OTHER)}))
    with pytest.raises(NoAnswer):
        stranger.keys([owner], create=False)
    stranger.close()


def test_after_a_rotation_old_keys_are_read_and_new_ones_wrapped_by_the_new_master(
    settings: Settings, ring: KeyRing
) -> None:
    old, new = uuid4(), uuid4()
    before = ring.keys([old], create=True)
    rotated = KeyRing.connect(settings.model_copy(update={"keyring_master": SecretStr(f"{MASTER},{OTHER}")}))
    assert rotated.keys([old], create=False) == before
    rotated.keys([new], create=True)
    rotated.close()
    with pytest.raises(NoAnswer, match="wrapped by master 2"):
        ring.keys([new], create=False)


@pytest.mark.parametrize("master", ["", "AAAA", "?", f"{MASTER},AAAA"])
def test_a_wrong_master_stops_the_start(settings: Settings, master: str) -> None:
    with pytest.raises(ValueError, match="DIARY_KEYRING_MASTER"):
        KeyRing.connect(settings.model_copy(update={"keyring_master": SecretStr(master)}))


def test_the_cache_is_bounded() -> None:
    cache = Cache()
    owners = [uuid4() for _ in range(MOST + 10)]
    cache.put(dict.fromkeys(owners, b"key"))
    assert len(cache.get(owners)) == MOST
    assert owners[0] not in cache.get(owners)


@pytest.fixture
def own_server(servers_folder: Path) -> Iterator[Postgres]:
    """A server of this test alone, to be killed and frozen."""
    with Postgres(servers_folder / f"ring-{uuid4().hex[:6]}") as server:
        settings = settings_for(server)
        create(settings, erases=True)
        yield server


def test_a_ring_that_is_down_gives_no_answer_soon_and_comes_back_by_itself(own_server: Postgres) -> None:
    ring = KeyRing.connect(settings_for(own_server))
    known, other = uuid4(), uuid4()
    keys = ring.keys([known], create=True)
    own_server.kill()
    began = monotonic()
    with pytest.raises(NoAnswer):
        ring.keys([other], create=True)
    assert monotonic() - began < 5
    assert ring.keys([known], create=False) == keys, "remembered for 30 s"
    own_server.start()
    assert other in _asked_until_answered(ring, other)
    ring.close()


def test_a_frozen_server_gives_no_answer_within_seconds(own_server: Postgres) -> None:
    ring = KeyRing.connect(settings_for(own_server))
    ring.keys([uuid4()], create=True)
    everyone = [own_server.pid, *_children(own_server.pid)]
    for pid in everyone:
        os.kill(pid, signal.SIGSTOP)
    try:
        began = monotonic()
        with pytest.raises(NoAnswer):
            ring.keys([uuid4()], create=True)
        assert monotonic() - began < 8
    finally:
        for pid in everyone:
            os.kill(pid, signal.SIGCONT)
    owner = uuid4()
    assert owner in _asked_until_answered(ring, owner)
    ring.close()


def _asked_until_answered(ring: KeyRing, owner: UUID) -> dict[UUID, bytes | Destroyed]:
    until = monotonic() + 15
    while True:
        try:
            return ring.keys([owner], create=True)
        except NoAnswer:
            if monotonic() > until:
                raise


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
