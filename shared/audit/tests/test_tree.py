"""The tree against the RFC's own recursive definition."""

from collections.abc import Sequence
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from shared.audit.leaf import leaf
from shared.audit.tree import Growing

LEAVES = st.lists(st.binary(max_size=8), min_size=1, max_size=70).map(
    lambda texts: [leaf(number, text) for number, text in enumerate(texts)]
)


def defined(leaves: Sequence[bytes]) -> bytes:
    """MTH of RFC 9162, 2.1.1, word by word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = max(1 << n for n in range(len(leaves).bit_length()) if 1 << n < len(leaves))
    return sha256(b"\x01" + defined(leaves[:half]) + defined(leaves[half:])).digest()


@given(LEAVES, st.data())
def test_it_is_the_tree_of_the_rfc_however_it_grew(leaves: list[bytes], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(leaves)))
    grown = Growing()
    grown.add(leaves[:cut])
    assert grown.root() == defined(leaves[:cut])
    again = Growing(grown.size, list(grown.peaks))  # as after a restart
    again.add(leaves[cut:])
    assert again.root() == defined(leaves)


def test_the_number_belongs_to_the_leaf() -> None:
    assert leaf(1, b"text") != leaf(2, b"text")
