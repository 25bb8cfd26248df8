"""Unpacking what may be damaged: the text that was packed, whole, or an error."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.failures import Refused
from actions.tools.dumps.split import Cut
from actions.tools.dumps.unpack import gunzip

TEXT = b"".join(b"%d\tcorte\t2026-11-%02d 09:00:00+00\n" % (row, row % 30 + 1) for row in range(400))
PACKED = gzip.compress(TEXT)


@given(at=st.integers(0, len(PACKED) - 1), flipped=st.integers(1, 255), size=st.integers(1, len(PACKED)))
def test_a_changed_byte_never_changes_the_text(at: int, flipped: int, size: int) -> None:
    damaged = bytearray(PACKED)
    damaged[at] ^= flipped
    pieces = [bytes(damaged[start : start + size]) for start in range(0, len(damaged), size)]
    try:
        assert b"".join(gunzip(pieces)) == TEXT  # only the time in its header was hit
    except (Refused, Cut):
        return


@given(cut=st.integers(0, len(PACKED) - 1))
def test_a_cut_is_never_taken_for_the_end(cut: int) -> None:
    with pytest.raises((Refused, Cut)):
        list(gunzip([PACKED[:cut]]))


def test_what_was_packed_in_parts_is_read_as_one() -> None:
    assert b"".join(gunzip([PACKED, PACKED])) == TEXT * 2
