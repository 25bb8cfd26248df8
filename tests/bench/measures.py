"""Measures beside intake, by name: each gets a freshly started `dr serve` and says its lines of the table."""

from __future__ import annotations

from tests.bench.cases import Measure

MEASURES: dict[str, Measure] = {}
