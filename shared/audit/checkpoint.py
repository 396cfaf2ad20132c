"""What is said about a store and kept outside of it: «so many events, this root», signed.

The text is a tlog-checkpoint in a signed note (c2sp.org/tlog-checkpoint, c2sp.org/signed-note), which other tools read.
"""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

ED25519 = b"\x01"
TEXT = re.compile(
    r"diary/(?P<service>[a-z]+)/(?P<epoch>[0-9]+)\n(?P<size>[0-9]+)\n(?P<root>[A-Za-z0-9+/=]+)\n"
    r"last (?P<last>[0-9]+)\ntime (?P<time>[0-9TZ:.-]+)\n(?:kept (?P<kept>[0-9]+)\n)?"
)
SIGNATURE = re.compile(r"— (?P<name>\S+) (?P<signature>[A-Za-z0-9+/=]+)\n")


class NotSigned(Exception):
    """The text is no checkpoint of this service, or none of the keys has signed it."""


@dataclass(frozen=True)
class Checkpoint:
    """The first `size` events of a store, up to number `last`, have this Merkle root; `time` is when it was said.

    `kept` stands in the first one of a new epoch: of earlier checkpoints those of more events were given up then.
    """

    service: str
    epoch: int
    size: int
    last: int
    root: bytes
    time: datetime
    kept: int | None = None

    @property
    def origin(self) -> str:
        """The name of the log, and of its signing key."""
        return f"diary/{self.service}/{self.epoch}"

    def text(self) -> str:
        """What is signed."""
        time = self.time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        root = base64.b64encode(self.root).decode()
        kept = "" if self.kept is None else f"kept {self.kept}\n"
        return f"{self.origin}\n{self.size}\n{root}\nlast {self.last}\ntime {time}\n{kept}"


def sign(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> str:
    """The signed note."""
    text = checkpoint.text()
    signature = _key_id(checkpoint.origin, key.public_key()) + key.sign(text.encode())
    return f"{text}\n— {checkpoint.origin} {base64.b64encode(signature).decode()}\n"


def read(note: str, service: str, keys: Iterable[Ed25519PublicKey]) -> Checkpoint:
    """The checkpoint of a note that one of the keys has signed. Raises NotSigned."""
    text, _, signatures = note.partition("\n\n")
    found = TEXT.fullmatch(text + "\n")
    if found is None or found["service"] != service:
        raise NotSigned(f"no checkpoint of {service}")
    checkpoint = Checkpoint(
        service, int(found["epoch"]), int(found["size"]), int(found["last"]),
        base64.b64decode(found["root"]), datetime.fromisoformat(found["time"]),
        None if found["kept"] is None else int(found["kept"]),
    )  # fmt: skip
    for line in SIGNATURE.finditer(signatures):
        if line["name"] == checkpoint.origin and _signed(checkpoint, text + "\n", line["signature"], keys):
            return checkpoint
    raise NotSigned(f"the checkpoint of {checkpoint.size} events is signed by none of the keys")


def _signed(checkpoint: Checkpoint, text: str, signature: str, keys: Iterable[Ed25519PublicKey]) -> bool:
    try:
        raw = base64.b64decode(signature, validate=True)
    except binascii.Error:
        return False
    for key in keys:
        if raw[:4] == _key_id(checkpoint.origin, key):
            try:
                key.verify(raw[4:], text.encode())
            except InvalidSignature:
                continue
            return True
    return False


def _key_id(name: str, key: Ed25519PublicKey) -> bytes:
    raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return sha256(name.encode() + b"\n" + ED25519 + raw).digest()[:4]


def private_key(pem: str) -> Ed25519PrivateKey:
    """Raises ValueError for what is no PEM of an Ed25519 key."""
    key = load_pem_private_key(pem.encode(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("the audit key is not an Ed25519 key")
    return key


def public_key(pem: str) -> Ed25519PublicKey:
    """Raises ValueError for what is no PEM of an Ed25519 public key."""
    key = load_pem_public_key(pem.encode())
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("the audit key is not an Ed25519 key")
    return key
