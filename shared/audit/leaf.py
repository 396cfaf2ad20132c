"""What stands for an event in the tree, so that a family can be shown its own entry and nobody else's.

Most events of a journal speak of a class: one entry a pupil, from «"pupil_id"» to the next. The document's bytes are
cut there, and where the salt stands; each entry is hashed with a number that only the salt's owner can make, so that
what it says («absent», «5») cannot be found by trying. The cuts follow from the bytes alone and every byte is in one of
the pieces: whoever changes a byte changes the leaf.
"""

from dataclasses import dataclass
from hashlib import sha256, shake_256

SALT = b'"salt":"'
FIRST, NEXT, LAST = b'":[{"pupil_id":"', b'},{"pupil_id":"', b"}]"
NONCE = 16


@dataclass(frozen=True, slots=True)
class Cut:
    """A document in pieces: `head` up to the salt, `middle` up to the first entry, `tail` from the last one's end.

    An entry begins after its `{"pupil_id":"` and ends before its last brace. Without entries all is in the frame.
    """

    head: bytes
    salt: bytes
    middle: bytes
    entries: tuple[bytes, ...]
    tail: bytes


def cut(document: bytes) -> Cut:
    """The pieces; of what is no document of ours the whole is the head."""
    begins = document.find(SALT)
    if begins < 0:
        return Cut(document, b"", b"", (), b"")
    begins += len(SALT)
    ends = document.find(b'"', begins)
    if ends < 0:
        return Cut(document, b"", b"", (), b"")
    first = document.find(FIRST, ends)
    last = document.rfind(LAST)
    if first < 0 or last < first:
        return Cut(document[:begins], document[begins:ends], document[ends:], (), b"")
    first += len(FIRST)
    entries = tuple(document[first:last].split(NEXT))
    return Cut(document[:begins], document[begins:ends], document[ends:first], entries, document[last:])


def nonces(salt: bytes, count: int) -> list[bytes]:
    """One for each entry; none of them tells another, nor the salt."""
    made = shake_256(salt).digest(NONCE * count)
    return [made[n : n + NONCE] for n in range(0, NONCE * count, NONCE)]


def entry_hash(nonce: bytes, entry: bytes) -> bytes:
    return sha256(b"\x03" + nonce + entry).digest()


def frame_hash(head: bytes, middle: bytes, tail: bytes) -> bytes:
    """Of what may be shown with any of its entries."""
    lengths = len(head).to_bytes(8) + len(middle).to_bytes(8)
    return sha256(b"\x04" + lengths + head + middle + tail).digest()


def salt_hash(salt: bytes) -> bytes:
    return sha256(b"\x02" + salt).digest()


def of_parts(number: int, frame: bytes, salt: bytes, entries: bytes) -> bytes:
    """The leaf by the hash of its frame, of its salt, and those of its entries, one after the other."""
    return sha256(b"\x00" + number.to_bytes(8) + frame + salt + entries).digest()


def leaf(number: int, document: bytes) -> bytes:
    """The hash of an event: of its number in the store and of every byte of its document."""
    made = cut(document)
    hashes = b"".join(map(entry_hash, nonces(made.salt, len(made.entries)), made.entries))
    return of_parts(number, frame_hash(made.head, made.middle, made.tail), salt_hash(made.salt), hashes)
