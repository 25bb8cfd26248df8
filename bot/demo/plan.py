"""The team's plan as it holds on a laptop: its addresses, a demo's patience, nothing that is not there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
# The plan waits ten minutes before it calls a query long; nobody watching a demo does.
OLDER_THAN = "1s"
END_QUERIES = "End queries over 1 s"
# Whoever tries things out presses more often than a team in an hour.
LIMITS = {"per_hour": {"low": 500, "high": 500, "destructive": 500}, "per_target_hour": 500}
# What the laptop has: two databases with their backups, and a service with an actuator.
POSSIBLE = {
    "end-idle-in-transaction",
    "end-long-queries",
    "look-at-activity",
    "look-at-application",
    "look-at-database",
    "look-at-locks",
    "look-at-vacuum",
    "restore-database",
}
ABSENT = ("services", "cache", "monitoring", "hosts", "certificates", "secrets", "containers")
Amend = Callable[[dict[str, Any]], None]


def demo_plan(folder: Path, service_url: str, amend: Amend | None = None) -> Path:
    """Write the plan into the folder. `amend` changes its YAML, where a world has more than a laptop."""
    plan = yaml.safe_load((ROOT / "data" / "belezza.yaml").read_text())
    for offered in _offers(plan):
        if "older_than" in offered.get("params", {}):
            offered["params"]["older_than"] = OLDER_THAN
        if offered["action"] == "end-long-queries" and "label" in offered:
            offered["label"] = END_QUERIES
    plan["limits"] = LIMITS
    production = plan["environments"]["production"]
    production["application"] = {"actuator": f"{service_url}/actuator"}
    if amend is None:
        _leave_out_what_is_not_there(plan)
    else:
        amend(plan)
    path = folder.resolve() / "belezza.yaml"
    path.write_text(yaml.safe_dump(plan, allow_unicode=True, sort_keys=False))
    return path


def _leave_out_what_is_not_there(plan: dict[str, Any]) -> None:
    for environment in plan["environments"].values():
        for part in ABSENT:
            environment.pop(part, None)
    for holder, key in _lists(plan):
        holder[key] = [offered for offered in holder[key] if offered["action"] in POSSIBLE]


def _offers(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for holder, key in _lists(plan):
        yield from holder[key]


def _lists(plan: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Every place of a runbook that names actions."""
    for runbook in plan["runbooks"].values():
        for holder, keys in (
            (runbook, ("looks", "actions")),
            *((s, ("does",)) for s in runbook.get("steps", [])),
        ):
            yield from ((holder, key) for key in keys if key in holder)
