"""The key ring's database and who may do what in it.

`keyring_api` reads keys and makes new ones; `keyring_eraser` may destroy them as well. Roster and identity alone,
where acts of erasure are decided, connect as the second: whoever breaks into another service cannot erase anybody.
"""

from pathlib import Path

from psycopg.conninfo import make_conninfo
from pydantic import SecretStr

from shared import postgres
from shared.settings import Settings

SERVICE = "keyring"
MIGRATIONS = Path(__file__).parent / "migrations"
ROLES = ("migrate", "api", "eraser")


def conninfo(settings: Settings, erases: bool) -> str:
    """How a process connects to the ring: as the eraser, or as one that only reads and makes keys."""
    role, secret = ("eraser", settings.keyring_eraser_password) if erases else ("api", settings.keyring_password)
    return make_conninfo(postgres.conninfo(settings, SERVICE, role), password=_or_own(settings, secret))


def create(settings: Settings, erases: bool) -> None:
    """Make the ring's database and roles and bring its tables up to date. Needs `postgres_admin`; safe to repeat.

    The eraser's password is set only by a process that `erases`; until then nobody can connect as it.
    """
    own = settings.postgres_password.get_secret_value()
    passwords = {"migrate": own, "api": _or_own(settings, settings.keyring_password), "eraser": None}
    if erases:
        passwords["eraser"] = _or_own(settings, settings.keyring_eraser_password)
    postgres.create(settings, SERVICE, passwords)
    postgres.migrate(settings, SERVICE, [MIGRATIONS], ROLES)


def _or_own(settings: Settings, secret: SecretStr) -> str:
    return secret.get_secret_value() or settings.postgres_password.get_secret_value()
