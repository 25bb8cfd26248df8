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
    "back-up-database",
    "drop-kept-databases",
    "end-idle-in-transaction",
    "end-long-queries",
    "expire-backups",
    "look-at-activity",
    "look-at-application",
    "look-at-backups",
    "look-at-database",
    "look-at-locks",
    "look-at-vacuum",
    "rehearse-restore",
    "restore-database",
    "self-backup",
    "verify-backup",
}
ABSENT = ("services", "cache", "monitoring", "hosts", "certificates", "secrets", "containers", "images")
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
    del plan["heartbeat"]  # nobody watches a laptop
    plan["environments"]["staging"]["addresses"].pop("health", None)  # it is not on the laptop
    production = plan["environments"]["production"]
    production["application"] = {"actuator": f"{service_url}/actuator"}
    production["backups"]["copies"] = {
        "local": {"directory": str(folder.resolve() / "backups"), "keep": "7d"}
    }
    if amend is None:
        leave_out_what_is_not_there(plan)
    else:
        amend(plan)
    path = folder.resolve() / "belezza.yaml"
    path.write_text(yaml.safe_dump(plan, allow_unicode=True, sort_keys=False))
    return path


def leave_out_what_is_not_there(plan: dict[str, Any], also: frozenset[str] = frozenset()) -> None:
    """Take out of the plan's YAML what a laptop has not, so that it is neither looked at nor offered.

    `also` are actions that are possible all the same, in a world with more in it.
    """
    possible = POSSIBLE | also
    for environment in plan["environments"].values():
        for part in ABSENT:
            environment.pop(part, None)
    for holder, key in _lists(plan):
        holder[key] = [offered for offered in holder[key] if offered["action"] in possible]
    held = {name for name, test in plan["testing"]["tests"].items() if test.get("does")}
    plan["schedules"] = {
        name: one
        for name, one in plan["schedules"].items()
        if one.get("action") in possible or one.get("drill") in held
    }


def _offers(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for holder, key in _lists(plan):
        yield from holder[key]


def _lists(plan: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Every place of the plan that offers actions."""
    for component in plan["components"].values():
        yield from ((component, key) for key in ("looks", "helps") if key in component)
    for test in plan["testing"]["tests"].values():
        yield from ((test, key) for key in ("does",) if key in test)
    for runbook in plan["runbooks"].values():
        for holder, keys in (
            (runbook, ("looks", "actions")),
            *((s, ("does",)) for s in runbook.get("steps", [])),
        ):
            yield from ((holder, key) for key in keys if key in holder)
