"""How bad it is: the four levels of the plan (section 4.1), and none."""

from __future__ import annotations

from enum import Enum


class Severity(Enum):
    """One level of the plan; the value is what people read and write."""

    SEV1 = "SEV-1"
    SEV2 = "SEV-2"
    SEV3 = "SEV-3"
    SEV4 = "SEV-4"
    NONE = "NONE"

    @property
    def rank(self) -> int:
        """1 (worst) to 4, and 5 for NONE: sorts the worst first."""
        return list(Severity).index(self) + 1

    def worse_than(self, other: Severity) -> bool:
        """Whether this level asks for a faster response than the other."""
        return self.rank < other.rank

    @classmethod
    def parse(cls, text: str) -> Severity:
        """Read `2`, `sev2`, `SEV-2` or `none`. Raises ValueError naming what was given."""
        wanted = text.strip().upper().removeprefix("SEV").removeprefix("-").strip()
        for level in cls:
            if wanted in (level.value, level.value.removeprefix("SEV-")):
                return level
        raise ValueError(f"{text!r} is not a severity: say 1, 2, 3, 4 or none")
