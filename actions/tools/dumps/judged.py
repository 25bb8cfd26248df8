"""What a dump was made of, held against the rules of a restore while it is made: the same judges."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from actions.failures import NotVerified, Refused
from actions.tools.dumps.archive_kinds import read_listing
from actions.tools.dumps.read import read_contents, read_schema
from actions.tools.dumps.rules import judge
from actions.tools.dumps.split import Cut, Part, Splitter, Statement


class Judged:
    """Feed it plain SQL in any pieces; `refusal` is why a restore would refuse it, '' while it would not.

    It never raises for what it reads: a backup that may be no good is better than none. It costs about a
    twentieth of what packing the same bytes does.
    """

    def __init__(self) -> None:
        self._splitter = Splitter()
        self.refusal = ""

    def feed(self, data: bytes) -> None:
        """Read on; nothing more once something was found."""
        if not self.refusal:
            self._read(lambda: self._splitter.feed(data))

    def end(self) -> None:
        """There is no more."""
        if not self.refusal:
            self._read(self._splitter.finish)

    def _read(self, parts: Callable[[], Iterable[Part]]) -> None:
        try:
            for part in parts():
                if isinstance(part, Statement):
                    judge(part)
        except (Refused, Cut) as error:
            self.refusal = str(error)


def archive_refusal(pg_restore: Path, chunks: Callable[[], Iterable[bytes]]) -> str:
    """Why a restore would refuse an archive, '' where it would not; `chunks` gives it from its start, twice.

    Of the archive only its head is used: what is in it, and how it would be made again. Raises as
    `read_contents` does.
    """
    try:
        read_listing(read_contents(pg_restore, chunks()).listing)
    except Refused as error:
        return str(error)
    judged = Judged()
    try:
        judged.feed(read_schema(pg_restore, chunks()))
    except NotVerified as error:
        return str(error)
    judged.end()
    return judged.refusal
