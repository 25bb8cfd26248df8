"""Numbers as a person reads them at a glance."""

from __future__ import annotations

KIB = 1024.0
_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB")


def size_text(size_bytes: float) -> str:
    """`512 bytes`, `1.5 GiB`."""
    left, unit = float(size_bytes), 0
    while left >= KIB and unit < len(_UNITS) - 1:
        left, unit = left / KIB, unit + 1
    return f"{left:.0f} {_UNITS[unit]}" if unit == 0 else f"{left:.1f} {_UNITS[unit]}"


def counted(number: int, what: str) -> str:
    """`1 container`, `3 containers`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def span_text(seconds: float) -> str:
    """`40 s`, `12 min`, `5.5 h`, `89 days`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    if seconds < 48 * 3600:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 86400:.0f} days"


def share_text(share: float | None) -> str:
    """`84 %`; `unknown` where there is none."""
    return "unknown" if share is None else f"{100 * share:.0f} %"
