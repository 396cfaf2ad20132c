"""Passwords and keys of a demo installation: made at its first start, kept in its folder, read by its owner only."""

import base64
import json
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


def keys(folder: Path) -> dict[str, str]:
    """Settings by their environment names; the same at every start in the folder."""
    file = folder / "keys.json"
    found: dict[str, str] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    wanted = _new() | found
    if wanted != found:  # also those that a later version wants
        draft = file.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(wanted), encoding="utf-8")
        draft.rename(file)
    return wanted


def _new() -> dict[str, str]:
    return {
        "DIARY_POSTGRES_PASSWORD": secrets.token_urlsafe(24),
        "DIARY_KEYRING_MASTER": base64.b64encode(secrets.token_bytes(32)).decode(),
        "DIARY_PORTAL_KEY": _pem(ec.generate_private_key(ec.SECP256R1())),
        "DIARY_IDENTITY_KEY": _pem(ec.generate_private_key(ec.SECP256R1())),
        "DIARY_AUDIT_KEY": new_audit_key(),
        "DIARY_PORTAL_CLIENT_SECRET": secrets.token_urlsafe(32),
        "DIARY_OPERATOR_CLIENT_SECRET": secrets.token_urlsafe(32),
    }


def new_audit_key() -> str:
    """The PEM of a key for checkpoints."""
    return _pem(Ed25519PrivateKey.generate())


def _pem(key: ec.EllipticCurvePrivateKey | Ed25519PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
