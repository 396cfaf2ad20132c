"""The audit trail: nobody changes what was stored without its being found. See README.md."""

from pathlib import Path

from shared.audit.checkpoint import NotSigned
from shared.audit.keeper import Keeper, Kept, verified
from shared.audit.verify import verify

MIGRATIONS = Path(__file__).parent / "migrations"

__all__ = ["MIGRATIONS", "Keeper", "Kept", "NotSigned", "verified", "verify"]
