"""What a superuser may do to a store, and what `audit verify` says of it."""

import random
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import SecretStr

from shared.audit import grow, verified
from shared.audit.checkpoint import private_key
from shared.audit.grow import Diverged
from shared.audit.keeper import Kept
from shared.audit.tests.conftest import SERVICE, Audited, pem
from shared.audit.verify import verify
from shared.eventstore import gate

EVENTS, A_CHECKPOINT = 120, 10
RANDOM_CHANGES = 1000
Change = Callable[[Audited, random.Random], None]


def one(chance: random.Random) -> int:
    return chance.randint(1, EVENTS)


def a_byte(audited: Audited, chance: random.Random) -> None:
    number = one(chance)
    place = chance.randrange(300)
    audited.admin.execute(
        "UPDATE events SET document = set_byte(document, %s, get_byte(document, %s) # %s) WHERE id = %s",
        [place, place, chance.randint(1, 255), number],
    )


def a_row(audited: Audited, chance: random.Random) -> None:
    audited.admin.execute("DELETE FROM events WHERE id = %s", [one(chance)])


def a_column(audited: Audited, chance: random.Random) -> None:
    column = chance.choice(("stream", "key", "actor", "command"))
    audited.admin.execute(f"UPDATE events SET {column} = gen_random_uuid() WHERE id = %s".encode(), [one(chance)])


def a_swap(audited: Audited, chance: random.Random) -> None:
    first, second = chance.sample(range(1, EVENTS + 1), 2)
    audited.admin.execute(
        "UPDATE events SET document = (SELECT document FROM events AS o WHERE o.id = %(a)s + %(b)s - events.id)"
        " WHERE id IN (%(a)s, %(b)s)",
        {"a": first, "b": second},
    )


def the_tail(audited: Audited, chance: random.Random) -> None:
    audited.admin.execute("DELETE FROM events WHERE id > %s", [one(chance) - 1])


def everything(audited: Audited, chance: random.Random) -> None:
    """Another history altogether, with a tree of its own that fits it."""
    audited.admin.execute("TRUNCATE events, audit_tree RESTART IDENTITY")
    audited.store(EVENTS)


CHANGES: tuple[Change, ...] = (a_byte, a_byte, a_row, a_column, a_swap, the_tail)


def signed(audited: Audited) -> None:
    for _ in range(EVENTS // A_CHECKPOINT):
        audited.store(A_CHECKPOINT)
        audited.keeper.once()


def test_what_nobody_changed_is_unchanged_and_what_is_newer_is_said(
    audited: Audited, capsys: pytest.CaptureFixture[str]
) -> None:
    signed(audited)
    audited.store(3)
    assert verified(audited.settings, SERVICE) == 0
    assert capsys.readouterr().out == (
        "audited: 120 events under 12 checkpoints are unchanged; 3 newer ones are under none yet\n"
    )


def test_each_of_a_thousand_random_changes_is_found(audited: Audited) -> None:
    signed(audited)
    kept = list(Kept(audited.settings, SERVICE).all())
    chance = random.Random(20260901)
    for number in range(RANDOM_CHANGES):
        change = chance.choice(CHANGES)
        with audited.admin.transaction(force_rollback=True):
            change(audited, chance)
            assert verify(audited.admin, lambda: kept).changed, f"{change.__name__}, number {number}"
    assert not verify(audited.admin, lambda: kept).changed


def test_it_is_said_between_which_events_the_change_lies(audited: Audited, capsys: pytest.CaptureFixture[str]) -> None:
    signed(audited)
    audited.admin.execute("UPDATE events SET document = document || ' ' WHERE id = 47")
    assert verified(audited.settings, SERVICE) == 1
    assert "from the 41. to the 50. event, up to number 50" in capsys.readouterr().out


def test_a_whole_history_written_anew_is_found_and_never_signed(audited: Audited) -> None:
    signed(audited)
    everything(audited, random.Random(1))
    with pytest.raises(Diverged):
        audited.keeper.once()
    assert verified(audited.settings, SERVICE) == 1


def test_a_store_that_was_set_back_is_not_signed_until_it_is_healed(audited: Audited) -> None:
    signed(audited)
    audited.admin.execute("CREATE TEMP TABLE lost AS SELECT * FROM events WHERE id > 90")
    audited.admin.execute("DELETE FROM events WHERE id > 90; DELETE FROM audit_tree")
    with pytest.raises(Diverged):
        audited.keeper.once()
    audited.admin.execute("INSERT INTO events OVERRIDING SYSTEM VALUE SELECT * FROM lost ORDER BY id")
    audited.keeper.once()
    audited.store(5)
    audited.keeper.once()
    assert verified(audited.settings, SERVICE) == 0
    assert [each.size for each in Kept(audited.settings, SERVICE).all()][-2:] == [120, 125]


def test_an_epoch_that_the_store_alone_knows_of_is_not_signed(audited: Audited) -> None:
    """Who owns the server would else give the whole history up and write another one."""
    signed(audited)
    everything(audited, random.Random(1))
    gate.begin_epoch(audited.admin, 0, "nobody's")
    with pytest.raises(Diverged):
        audited.keeper.once()
    assert verified(audited.settings, SERVICE) == 1


def test_what_an_operator_gave_up_is_told_and_what_was_kept_is_proved_on(
    audited: Audited, capsys: pytest.CaptureFixture[str]
) -> None:
    signed(audited)
    audited.admin.execute("DELETE FROM events WHERE id > 87")
    audited.store(4)  # under other numbers
    gate.begin_epoch(audited.admin, 87, "act 1")
    grow.begin_epoch(audited.admin, audited.keeper._log(lambda note: None))
    audited.keeper.once()
    audited.store(5)
    audited.keeper.once()
    assert verified(audited.settings, SERVICE) == 0
    said = capsys.readouterr().out
    assert "epoch 2 was begun" in said and "of more than 87 events was given up" in said and "96 events under" in said
    audited.admin.execute("UPDATE events SET document = document || ' ' WHERE id = 81")
    assert verified(audited.settings, SERVICE) == 1
    assert "from the 81. to the 87. event" in capsys.readouterr().out


def test_a_checkpoint_that_nobody_of_ours_signed_is_no_checkpoint(
    audited: Audited, capsys: pytest.CaptureFixture[str]
) -> None:
    signed(audited)
    forger = audited.settings.model_copy(update={"audit_key": SecretStr(pem())})
    assert verified(forger, SERVICE) == 1
    assert "signed by none of the keys" in capsys.readouterr().out


def test_half_a_line_that_a_crash_left_is_no_harm(audited: Audited) -> None:
    signed(audited)
    file = Kept(audited.settings, SERVICE).file
    with file.open("a") as opened:
        opened.write('"diary/audi')
    audited.store(1)
    audited.keeper.once()
    assert verified(audited.settings, SERVICE) == 0
    assert [each.size for each in Kept(audited.settings, SERVICE).all()][-1] == 121


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, "there is no checkpoint"),
        ({"audit_key": SecretStr("")}, "neither DIARY_AUDIT_PUBLIC_KEY nor"),
        ({"audit_public_key": "no key"}, "nobody can say"),
    ],
    ids=["no checkpoint", "no key", "a key that is none"],
)
def test_what_is_missing_is_said_and_is_no_change(
    audited: Audited, capsys: pytest.CaptureFixture[str], given: dict[str, object], why: str
) -> None:
    if given:
        signed(audited)
    assert verified(audited.settings.model_copy(update=given), SERVICE) == 3
    assert why in capsys.readouterr().out


def test_the_public_half_is_enough_to_verify(audited: Audited) -> None:
    signed(audited)
    own = private_key(audited.settings.audit_key.get_secret_value()).public_key()
    half = own.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    given = audited.settings.model_copy(update={"audit_key": SecretStr(""), "audit_public_key": half})
    assert verified(given, SERVICE) == 0
