"""What a person keeps at hand: his own, on every device, addresses of ours alone."""

import pytest

from services.portal.favourites import MOST, NotAnAddress, TooManyFavourites, checked
from services.portal.tests.conftest import World


def test_favourites_are_the_persons_on_every_device_and_nobody_elses(world: World) -> None:
    one, other = world.signed_in(), world.browser()
    assert one.get("/favourites").json() == {"favourites": []}
    kept = {"favourites": ["/today", "/journal/7a?first=2026-09-01", "/today"]}
    assert one.change("/favourites", kept, "PUT").status_code == 204
    assert one.get("/favourites").json() == {"favourites": ["/today", "/journal/7a?first=2026-09-01"]}
    assert world.signed_in().get("/favourites").json()["favourites"][0] == "/today"
    assert other.get("/favourites").status_code == 401
    assert other.change("/favourites", kept, "PUT").status_code == 401


@pytest.mark.parametrize(
    "address", ["https://evil.example", "//evil.example", "today", "/\\evil", "/a\nb", "/" + "a" * 300]
)
def test_only_addresses_of_ours_are_kept(address: str) -> None:
    with pytest.raises(NotAnAddress) as refused:
        checked(["/today", address])
    assert refused.value.at == "/favourites/1"


def test_there_are_not_too_many() -> None:
    assert len(checked([f"/{n}" for n in range(MOST)])) == MOST
    with pytest.raises(TooManyFavourites):
        checked([f"/{n}" for n in range(MOST + 1)])
