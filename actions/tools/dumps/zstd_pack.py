"""Packing an archive of pg_dump with zstd on its way, and unpacking one that may or may not be packed.

pg_dump itself knows zstd since 16 only, and not in every build; here any version's archive is packed alike
(docs/decisions/0023). `zstd -d` gives back what pg_restore reads.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

import zstandard

from actions.failures import NotVerified
from actions.tools.dumps.stages import drawn

LEVEL = 1
FOLLOWED = "something follows the end of its packing"
MAGIC = b"\x28\xb5\x2f\xfd"
FED_BYTES = 2048
"""How much is unpacked at once: what a hostile block makes of it still fits into memory."""
WINDOW_BYTES = 128 * 1024 * 1024


class Packer:
    """Give it chunks; `bytes_in` is what it was given so far. Ends with a checksum of its own."""

    def __init__(self) -> None:
        settings = zstandard.ZstdCompressionParameters.from_level(LEVEL, write_checksum=True)
        self._packing = zstandard.ZstdCompressor(compression_params=settings).compressobj()
        self.bytes_in = 0

    def pack(self, chunk: bytes) -> bytes:
        self.bytes_in += len(chunk)
        return self._packing.compress(chunk)

    def end(self) -> bytes:
        return self._packing.flush()


def unpacked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """What was packed; chunks that are not packed come as they are.

    Raises NotVerified where the packing is damaged, cut off, or followed by something else. Who reads it
    bounds the whole.
    """
    with drawn(chunks) as source:
        head = b""
        while len(head) < len(MAGIC) and (chunk := next(source, b"")):
            head += chunk
        if head.startswith(MAGIC):
            yield from _decompressed(itertools.chain((head,), source))
        elif head:
            yield head
            yield from source


def _decompressed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    unpacker = zstandard.ZstdDecompressor(max_window_size=WINDOW_BYTES).decompressobj()
    for chunk in chunks:
        whole = memoryview(chunk)
        for start in range(0, len(whole), FED_BYTES):
            if unpacker.eof:
                raise NotVerified(FOLLOWED)
            try:
                piece = unpacker.decompress(whole[start : start + FED_BYTES])
            except zstandard.ZstdError as error:
                raise NotVerified(f"its packing is damaged ({error})") from error
            if piece:
                yield piece
    if not unpacker.eof:
        raise NotVerified("its packing is cut off")
    if unpacker.unused_data:
        raise NotVerified(FOLLOWED)
