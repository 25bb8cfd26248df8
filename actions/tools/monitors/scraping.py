"""What Prometheus says about its own work: targets, rules, the last reload; and whether a monitor is well."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec

from actions.failures import Refused
from actions.tools.http import Endpoint, ask
from actions.tools.monitors.prometheus import read

LIMIT_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True)
class Scraped:
    """One target: whether its last scrape worked (`up`, `down`, `unknown`), when it was, what went wrong."""

    job: str
    instance: str
    health: str
    last_error: str
    last_scrape: datetime


@dataclass(frozen=True)
class RuleFault:
    """One rule that cannot be evaluated."""

    group: str
    name: str
    error: str


@dataclass(frozen=True)
class Runtime:
    """The process: when it started, whether it could read its configuration the last time."""

    started_at: datetime
    reload_worked: bool
    reloaded_at: datetime
    corruptions: int


class _Target(msgspec.Struct, rename="camel"):
    labels: dict[str, str]
    health: str
    last_scrape: datetime
    last_error: str = ""


class _Targets(msgspec.Struct, rename="camel"):
    active_targets: list[_Target]


class _Rule(msgspec.Struct, rename="camel"):
    name: str
    health: str
    last_error: str = ""


class _Group(msgspec.Struct):
    name: str
    rules: list[_Rule]


class _Rules(msgspec.Struct):
    groups: list[_Group]


class _Runtime(msgspec.Struct, rename="camel"):
    start_time: datetime
    reload_config_success: bool
    last_config_time: datetime
    corruption_count: int = 0


class _OfTargets(msgspec.Struct):
    data: _Targets


class _OfRules(msgspec.Struct):
    data: _Rules


class _OfRuntime(msgspec.Struct):
    data: _Runtime


def well(endpoint: Endpoint) -> tuple[str, str]:
    """What is wrong with its health and its readiness; '' where nothing is.

    Raises Refused or Transient where it does not answer at all.
    """
    return _probe(endpoint, "/-/healthy"), _probe(endpoint, "/-/ready")


def targets(endpoint: Endpoint) -> tuple[Scraped, ...]:
    """Every active target."""
    answer = ask(endpoint, "/api/v1/targets", {"state": "active"}, limit_bytes=LIMIT_BYTES)
    found = read(answer, _OfTargets, "a list of its targets").data.active_targets
    return tuple(
        Scraped(
            one.labels.get("job", ""),
            one.labels.get("instance", ""),
            one.health,
            one.last_error,
            one.last_scrape,
        )
        for one in found
    )


def rule_faults(endpoint: Endpoint) -> tuple[RuleFault, ...]:
    """The rules whose last evaluation failed."""
    answer = ask(endpoint, "/api/v1/rules", limit_bytes=LIMIT_BYTES)
    groups = read(answer, _OfRules, "a list of its rules").data.groups
    return tuple(
        RuleFault(group.name, rule.name, rule.last_error)
        for group in groups
        for rule in group.rules
        if rule.health == "err"
    )


def runtime(endpoint: Endpoint) -> Runtime:
    """When it started, and whether it could read its configuration."""
    answer = ask(endpoint, "/api/v1/status/runtimeinfo")
    found = read(answer, _OfRuntime, "what it is").data
    return Runtime(
        found.start_time, found.reload_config_success, found.last_config_time, found.corruption_count
    )


def _probe(endpoint: Endpoint, path: str) -> str:
    answer = ask(endpoint, path)
    if answer.status == 404:
        raise Refused(f"{endpoint.place} knows no {path}: the plan's address is that of something else")
    return "" if answer.ok else f"{answer.status}: {answer.text or 'no words'}"
