"""JSON for columns: names sorted, so that equal labels are equal text."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

_SORTED = msgspec.json.Encoder(order="deterministic")


def labels_json(values: Mapping[str, str]) -> str:
    """Labels or annotations as text."""
    return _SORTED.encode(values).decode()
