"""A pytest plugin that prints, after collecting, which rows of the table of disasters have tests."""

from __future__ import annotations

import json

import pytest

SIGN = "disasters with tests: "


def pytest_collection_finish(session: pytest.Session) -> None:
    """The numbers, on a line of their own."""
    numbers = {
        argument
        for item in session.items
        for mark in item.iter_markers("disaster")
        for argument in mark.args
        if isinstance(argument, int)
    }
    print(f"\n{SIGN}{json.dumps(sorted(numbers))}")  # noqa: T201 - read by whoever started this pytest
