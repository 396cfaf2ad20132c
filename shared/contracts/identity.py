"""Accounts. Secrets, logins and sessions are never events: they stay in identity's own tables."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from shared.contracts import Event, contract


@contract("diary.identity.account-opened.v1", key="account_id")
class AccountOpened(Event):
    """A person may sign in from now on."""

    account_id: UUID = Field(description="the account")
    person_id: UUID = Field(description="the person of the roster it belongs to")


@contract("diary.identity.account-closed.v1", key="account_id")
class AccountClosed(Event):
    """The account may not sign in any more; its sessions are ended."""

    account_id: UUID = Field(description="the account")
    cause: Literal["by-school", "by-owner", "person-left", "person-erased"] = Field(description="why")


@contract("diary.identity.password-changed.v1", key="account_id")
class PasswordChanged(Event):
    """The account has another password; other sessions are ended."""

    account_id: UUID = Field(description="the account")
