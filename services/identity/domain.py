"""An account's life: opened, its password changed, closed. Pure; the secrets stand in tables beside."""

from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID, uuid5

from shared.contracts import Event
from shared.contracts.identity import AccountClosed, AccountOpened, PasswordChanged
from shared.errors import Refused

Cause = Literal["by-school", "by-owner", "person-left", "person-erased"]


class LoginTaken(Refused):
    """This login is taken."""

    code = "identity.login-taken"
    kind = "conflict"
    ru = "Этот логин занят."


class HasAccount(Refused):
    """This person has an account already, with another login."""

    code = "identity.has-account"
    kind = "conflict"
    ru = "У этого человека уже есть учётная запись с другим логином."


class NoAccount(Refused):
    """There is no such account."""

    code = "identity.no-account"
    kind = "missing"
    ru = "Такой учётной записи нет."


class LoginMalformed(Refused):
    """A login has 1 to 100 characters, none of them a space or a control character."""

    code = "identity.login-malformed"
    ru = "Логин состоит из 1–100 знаков, среди них нет пробелов и управляющих знаков."


class DemoAccount(Refused):
    """Demo accounts exist in a demo only."""

    code = "identity.demo-account"
    kind = "forbidden"
    ru = "Демонстрационные учётные записи бывают только в демонстрации."


class WrongPassword(Refused):
    """The present password is wrong."""

    code = "identity.wrong-password"
    ru = "Нынешний пароль неверен."


@dataclass(frozen=True)
class Account:
    """What decisions need to know of an account."""

    account_id: UUID
    person_id: UUID | None = None
    open: bool = False


def account_of(person: UUID) -> UUID:
    """A person has one account, so its id follows from his."""
    return uuid5(person, "account")


def evolve(account: Account, event: Event) -> Account:
    match event:
        case AccountOpened(person_id=person):
            return replace(account, person_id=person, open=True)
        case AccountClosed():
            return replace(account, open=False)
    return account


def open_account(account: Account, person: UUID) -> list[Event]:
    """Open, or open again after it was closed. Nothing when it is open."""
    if account.open:
        return []
    return [AccountOpened(account_id=account.account_id, person_id=person)]


def close_account(account: Account, cause: Cause) -> list[Event]:
    """Nothing when it is closed. Raises NoAccount."""
    if account.person_id is None:
        raise NoAccount()
    return [AccountClosed(account_id=account.account_id, cause=cause)] if account.open else []


def change_password(account: Account) -> list[Event]:
    """Raises NoAccount."""
    if not account.open:
        raise NoAccount()
    return [PasswordChanged(account_id=account.account_id)]
