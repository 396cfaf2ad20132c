"""SC12: the password rule, case by case."""

import pytest

from services.identity import guesses, passwords
from services.identity.commands import login_key
from services.identity.passwords import PasswordKnown, PasswordTooLong, PasswordTooPlain, PasswordTooShort, check
from shared.errors import Refused


@pytest.mark.parametrize(
    "password",
    [
        "четыре правильных слова",
        "fifteen letters",
        "🦊🐻🐼🐨🐯🦁🐮🐷🐸🐵🐔🐧🐦🐤🦆",
        "x1" + "yz" * 4 + " and some",
        "a long sentence " * 8,
    ],
)
def test_fifteen_characters_of_any_kind_are_enough(password: str) -> None:
    check(password, second_factor=False)


@pytest.mark.parametrize(
    ("password", "second", "refusal"),
    [
        ("Zebra7kite", False, PasswordTooShort), ("Ze7ra", True, PasswordTooShort),
        ("zebra7kite", True, PasswordTooPlain), ("ZEBRA7KITE", True, PasswordTooPlain),
        ("Zebrakites", True, PasswordTooPlain), ("x" * 129, False, PasswordTooLong),
        ("Password123", True, PasswordKnown), ("Пароль12345!", True, PasswordKnown),
        ("passwordpasswordpassword", False, PasswordKnown),
        ("correct horse battery staple", False, PasswordKnown), ("aaaaaaaaaaaaaaaa", False, PasswordKnown),
        ("1234512345123451", False, PasswordKnown), ("ivanova.maria.9a", False, PasswordKnown),
    ],
)  # fmt: skip
def test_what_is_guessed_first_is_refused(password: str, second: bool, refusal: type[Refused]) -> None:
    with pytest.raises(refusal) as told:
        check(password, second_factor=second, words=["ivanova.maria.9a"])
    assert told.value.at == "/password"
    assert "{" not in told.value.sentence("ru") + told.value.sentence("en")


def test_three_classes_are_enough_beside_a_second_factor() -> None:
    check("Zebra7kite", second_factor=True)
    check("Зебра7кайт", second_factor=True)


def test_a_hash_knows_its_password_however_it_was_typed() -> None:
    kept = passwords.hashed("ёжик в тумане идёт")
    assert kept.startswith("$argon2id$")
    assert passwords.matches("е\u0308жик в тумане иде\u0308т", kept)  # the same letters in two pieces each
    assert not passwords.matches("ежик в тумане идет", kept)
    assert not passwords.matches("nobody has this password", None)


@pytest.mark.parametrize(
    ("typed", "key"),
    [(" Ivanova ", "ivanova"), ("ИВАНОВА", "иванова"), ("Ｉvan", "ivan"), ("a b", None), ("", None), ("a\x00b", None),
     ("x" * 101, None), ("a\u200bb", None)],
)  # fmt: skip
def test_a_login_is_one_however_it_is_typed(typed: str, key: str | None) -> None:
    assert login_key(typed) == key


def test_waits_grow_and_never_become_a_lock() -> None:
    assert [guesses.wait(n) for n in (1, 3, 4, 5, 6, 13, 99, 100, 1000)] == [0, 0, 2, 4, 8, 900, 900, 86400, 86400]
    assert guesses.spoken(900, "ru") == "15 мин"
