"""The warm process, the shared servers, and the tables at the end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.matrix.killing import Killer
from tests.matrix.rigging import KeptServers
from tests.matrix.table import found, lines
from tests.matrix.zygote import Zygote, zygote


@pytest.fixture(scope="session")
def servers() -> Iterator[KeptServers]:
    with KeptServers() as kept:
        yield kept


@pytest.fixture(scope="session")
def warm() -> Iterator[Zygote]:
    with zygote() as process:
        yield process


@pytest.fixture(scope="session")
def killer(warm: Zygote, servers: KeptServers, tmp_path_factory: pytest.TempPathFactory) -> Killer:
    return Killer(warm, servers, tmp_path_factory.mktemp("lives"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The kills first: they take longest, and nothing should be left to wait for at the end."""
    items.sort(key=lambda item: item.path.name != "test_kills.py")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [
        report
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, [])
        if report.when == "call"
    ]
    for matrix, cases_of in found(reports).items():
        terminalreporter.section(f"{matrix} matrix")
        for line in lines(cases_of):
            terminalreporter.write_line(line)
