"""What every test shares: in CI nothing may be skipped, and no test reads the machine's own settings."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests import disasters
from tests.real.aws import RealAws, real_aws
from tests.real.postgres import RealPostgres, embedded_programs, real_postgres
from tests.real.s3 import RealS3, moto, seaweedfs

OURS = ("DR_", "SLACK_", "PAGERDUTY_", "STATUSPAGE_", "AWS_")


def pytest_configure(config: pytest.Config) -> None:
    for name in list(os.environ):
        if name.startswith(OURS) or name.lower().endswith("_proxy"):
            del os.environ[name]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        disasters.note(item)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [
        report
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, [])
        if report.when == "call"
    ]
    told = list(disasters.lines(reports))
    if told:
        terminalreporter.section("disasters")
        for line in told:
            terminalreporter.write_line(line)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):  # type: ignore[no-untyped-def]  # hook
    report = yield
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI, where everything must run: {report.longrepr}"
    return report


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI a module that skipped itself while it was collected fails the run, too."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def pg() -> Iterator[RealPostgres]:
    """One server a worker: each test has databases of its own in it."""
    with real_postgres(embedded_programs()) as server:
        yield server


@pytest.fixture(scope="session")
def s3() -> Iterator[RealS3]:
    """One server a worker: each test has a place of its own in it."""
    with seaweedfs() as server:
        yield server


@pytest.fixture(scope="session")
def moto_s3() -> Iterator[RealS3]:
    with moto() as server:
        yield server


@pytest.fixture(scope="session")
def aws() -> Iterator[RealAws]:
    with real_aws() as server:
        yield server
