"""What a copy of drbot's memory says of itself. Written last: a copy without it is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from bot.domain.answer import UsageError
from bot.store.journal import Head

FORMAT = 1
MEMORY = "memory.db"
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Manifest:
    """`journal` is the end of the chain in the copy, `newest` when its last entry was written (ISO 8601
    UTC, '' in an empty one). `counts` are rows a table; `version` is drbot's, `identity` the memory's own
    name. `came_from` are the identities of the memories that it was brought back from, and when.
    """

    made_at: str
    made_on: str
    version: str
    identity: str
    journal_seq: int
    journal_hash: str
    newest: str
    sha256: str
    size_bytes: int
    counts: Mapping[str, int] = field(default_factory=dict)
    came_from: Mapping[str, str] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def head(self) -> Head:
        return Head(self.journal_seq, self.journal_hash)

    def written(self) -> bytes:
        """As JSON that a person can read."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"

    @staticmethod
    def read(text: bytes, where: str) -> Manifest:
        """Raises UsageError where this is no manifest of ours, or a newer drbot's."""
        try:
            found = msgspec.json.decode(text, type=Manifest)
        except msgspec.DecodeError as error:
            raise UsageError(f"{where} is no manifest of a copy of drbot's memory: {error}") from error
        if found.format > FORMAT:
            raise UsageError(
                f"{where} was written by a newer drbot ({found.version}): restore it with that version"
            )
        return found
