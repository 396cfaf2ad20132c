"""Chance that is the same at every run: numbers that follow from names, in any order of asking."""

from collections.abc import Sequence
from hashlib import blake2b
from statistics import NormalDist
from typing import TypeVar

T = TypeVar("T")

_NORMAL = NormalDist()
_LEAST = 2.0**-53


def roll(*names: object) -> float:
    """A number from 0 to 1, 1 excluded, that follows from the names; about a microsecond."""
    digest = blake2b("/".join(map(str, names)).encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "big") >> 11) * _LEAST


def normal(*names: object) -> float:
    """A number of the standard normal distribution."""
    return _NORMAL.inv_cdf(max(roll(*names), _LEAST))


def pick(choices: Sequence[T], *names: object) -> T:
    """One of the choices, each as likely as the others."""
    return choices[int(roll(*names) * len(choices))]


def share(*names: object) -> int:
    """A whole number of 64 bits, by which things can be put in an order."""
    return int.from_bytes(blake2b("/".join(map(str, names)).encode(), digest_size=8).digest(), "big")
