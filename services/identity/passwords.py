"""What a password must be, and how it is kept: argon2id, at most two hashes at once (64 MiB each).

The rule: 15 characters or more, whatever they are; 8 to 14 only beside a second factor and with upper case,
lower case and a digit. At most 128; never cut; compared after NFC; not on the block-list.
"""

import unicodedata
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from threading import BoundedSemaphore
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from shared.errors import Refused

LONGEST = 128
ALONE = 15
"""Fewest characters of a password that is the only factor."""

BESIDE = 8
"""Fewest characters beside a second factor."""

AT_ONCE = 2
PATIENCE = 10.0  # seconds to wait for a turn
T = TypeVar("T")
BLOCKED = Path(__file__).with_name("blocked.txt")


class PasswordTooShort(Refused):
    """At least {least} characters are needed; a sentence that you remember is best."""

    code = "identity.password-too-short"
    ru = "Нужно не меньше {least} знаков; лучше всего фраза, которую вы помните."


class PasswordTooLong(Refused):
    """At most {most} characters are taken."""

    code = "identity.password-too-long"
    ru = "Принимается не больше {most} знаков."


class PasswordTooPlain(Refused):
    """Beside a second factor a short password needs upper case and lower case letters and a digit."""

    code = "identity.password-too-plain"
    ru = "Короткому паролю рядом со вторым фактором нужны заглавные и строчные буквы и цифра."


class PasswordKnown(Refused):
    """This password is among those that are guessed first. Choose another."""

    code = "identity.password-known"
    ru = "Этот пароль пробуют одним из первых. Выберите другой."


class Busy(Refused):
    """Too many people are signing in at this moment. Try again in a few seconds."""

    code = "identity.busy"
    kind = "unavailable"
    ru = "Сейчас входит слишком много людей. Повторите через несколько секунд."


def normalise(password: str) -> str:
    """As it is judged and hashed: NFC, so that two keyboards write the same letter alike."""
    return unicodedata.normalize("NFC", password)


def check(password: str, *, second_factor: bool, words: Iterable[str] = (), at: str = "/password") -> None:
    """Raises PasswordTooShort, PasswordTooLong, PasswordTooPlain, PasswordKnown.

    `words` are those that people would try for this account: its login, its school.
    """
    password = normalise(password)
    least = BESIDE if second_factor else ALONE
    if len(password) < least:
        raise PasswordTooShort(at, least=least)
    if len(password) > LONGEST:
        raise PasswordTooLong(at, most=LONGEST)
    if len(password) < ALONE and not _three_classes(password):
        raise PasswordTooPlain(at)
    if _is_guessed_first(password, words):
        raise PasswordKnown(at)


def _three_classes(password: str) -> bool:
    return (
        any(c.isupper() for c in password) and any(c.islower() for c in password) and any(c.isdigit() for c in password)
    )


def _is_guessed_first(password: str, words: Iterable[str]) -> bool:
    """On the list, as it stands, with figures and signs around it, or as a piece said again and again."""
    plain = password.casefold()
    bare = plain.strip("0123456789!?.,_-@#$%^&*() ")
    guessed = blocked() | {word.casefold() for word in words if len(word) >= 4}
    return (
        any(piece in guessed for piece in (plain, bare, _piece(plain), _piece(bare)))
        or len(_piece(plain)) < 6
        or len(set(plain)) < 5
    )


def _piece(text: str) -> str:
    """The shortest piece that the text repeats: `abc` of `abcabcab`; the text itself if it repeats none."""
    for size in range(1, len(text) // 2 + 1):
        if all(text[n] == text[n - size] for n in range(size, len(text))):
            return text[:size]
    return text


@cache
def blocked() -> frozenset[str]:
    """The block-list, case folded."""
    return frozenset(line.strip().casefold() for line in BLOCKED.read_text("utf-8").splitlines() if line.strip())


hasher = PasswordHasher()  # argon2id, 64 MiB, 3 passes: about 0.1 s
turns = BoundedSemaphore(AT_ONCE)


def hashed(password: str) -> str:
    """argon2id with a salt of its own. For threads; raises Busy when no turn comes in 10 s."""
    return _in_turn(lambda: hasher.hash(normalise(password)))


def matches(password: str, stored: str | None) -> bool:
    """Whether it is the password; without a stored hash False after the same time. For threads; raises Busy."""

    def judge() -> bool:
        try:
            hasher.verify(stored or NOBODYS, normalise(password))
        except (VerificationError, InvalidHashError):
            return False
        return stored is not None

    return _in_turn(judge)


NOBODYS = hasher.hash("nobody has this password")  # now, so that the first unknown login takes no longer


def _in_turn(work: Callable[[], T]) -> T:
    if not turns.acquire(timeout=PATIENCE):
        raise Busy()
    try:
        return work()
    finally:
        turns.release()
