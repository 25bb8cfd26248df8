"""Unpacking a gzipped dump as it comes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import cast

from isal import isal_zlib

from actions.failures import Refused
from actions.tools.dumps.split import Cut
from actions.tools.dumps.stages import drawn

PIECE_BYTES = 1024 * 1024
BadGzip = cast("type[Exception]", isal_zlib.error)  # its stub calls the class an instance


def gunzip(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The text of a gzip stream in pieces of at most 1 MB. Raises Cut where it ends early, Refused."""
    try:
        with drawn(chunks) as source:
            yield from _unpacked(source)
    except BadGzip as error:
        raise Refused(f"the backup is damaged: its gzip cannot be read ({error}). Choose another.") from error


def _unpacked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    unpacker = isal_zlib.decompressobj(31)
    fed = False
    for chunk in chunks:
        data = chunk
        while data:
            if unpacker.eof:
                unpacker = isal_zlib.decompressobj(31)
            fed = True
            piece = unpacker.decompress(data, PIECE_BYTES)
            data = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
            if piece:
                yield piece
    if not fed or not unpacker.eof:
        raise Cut("the gzip stream has no end")
