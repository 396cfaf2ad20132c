"""The tree against the RFC's own recursive definition, and proofs that hold for what they are of and nothing else."""

from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.audit.tree import EMPTY, Growing, inclusion, leaf, proved, root

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
    assert again.root() == root(leaves) == defined(leaves)


@given(LEAVES, st.data())
def test_a_proof_holds_for_its_leaf_in_its_place_and_for_no_other(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    path, whole = inclusion(leaves, index), root(leaves)
    assert proved(leaves[index], index, len(leaves), path, whole)
    other = data.draw(st.integers(0, len(leaves) - 1).filter(lambda n: n != index)) if len(leaves) > 1 else 1
    assert not proved(leaves[index], other, len(leaves), path, whole)
    assert not proved(leaf(index, b"another text"), index, len(leaves), path, whole)
    assert not proved(leaves[index], index, len(leaves), [*path, EMPTY], whole)
    if path:
        assert not proved(leaves[index], index, len(leaves), path[:-1], whole)


def test_a_leaf_that_is_not_there_has_no_proof() -> None:
    with pytest.raises(IndexError):
        inclusion([leaf(1, b"one")], 1)


def test_the_number_belongs_to_the_leaf() -> None:
    assert leaf(1, b"text") != leaf(2, b"text")
