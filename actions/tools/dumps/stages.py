"""The stages that bytes go through on their way from S3: whoever ends closes what it read from."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterable, Iterator


@contextlib.contextmanager
def drawn(chunks: Iterable[bytes]) -> Iterator[Iterator[bytes]]:
    """The chunks for as long as the block lasts; the generator that makes them is closed with it.

    To drop a generator is not enough: an error's traceback holds it, and its connection, for as long as
    somebody looks at the error.
    """
    source = iter(chunks)
    try:
        yield source
    finally:
        if isinstance(source, Generator):
            source.close()
