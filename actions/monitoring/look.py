"""Looking at the monitors themselves: whether what watches the service is well (plan section 3.3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from actions.failures import Refused, Transient
from actions.monitoring.matchers import joined
from actions.plan import Action, Context, Ending, Evidence, Fault, Plan, Risk, Step
from actions.tools.monitors.monitoring import Monitoring, Scraped
from actions.tools.redaction import redacted
from actions.tools.toolbox import Toolbox

SHOWN = 10


@dataclass(frozen=True)
class LookParams:
    environment: str


@dataclass(frozen=True)
class LookFacts:
    """Which monitors would be asked."""

    places: tuple[str, ...]


def age(at: datetime, now: datetime) -> str:
    """`12 s ago`, `5 min ago`, `3 h ago`, `2 d ago`; `never` for the zero time of Go."""
    if at.year < 1980:
        return "never"
    seconds = max(0.0, (now - at).total_seconds())
    if seconds < 120:
        return f"{seconds:.0f} s ago"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min ago"
    return f"{seconds / 3600:.0f} h ago" if seconds < 172_800 else f"{seconds / 86_400:.0f} d ago"


def clock(at: datetime) -> str:
    """`2026-03-01 02:40 UTC`."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _check_answer(environment: str, context: Context) -> Evidence:
    """Guard: at least one of the monitors answers; what none of them says cannot be looked at."""
    tool = context.tools.monitoring(environment)
    failures: list[Refused | Transient] = []
    for endpoint in tool.monitors:
        try:
            tool.well(endpoint)
        except (Refused, Transient) as error:
            failures.append(error)
    silent = "; ".join(map(str, failures))
    if len(failures) < len(tool.monitors):
        return Evidence("both answered" if not failures and len(tool.monitors) == 2 else silent or "answered")
    if all(isinstance(one, Refused) for one in failures):
        raise Refused(silent)
    raise Transient(silent)


def _look(what: Callable[[Monitoring], Evidence], environment: str, context: Context) -> Evidence:
    """A monitor that does not answer is a finding, too: the other one is still looked at."""
    try:
        return what(context.tools.monitoring(environment))
    except (Refused, Transient) as error:
        return Evidence(f"not seen: {error}", light="amber")


def _health(tool: Monitoring) -> Evidence:
    values: dict[str, str] = {}
    ill = []
    for endpoint in tool.monitors:
        try:
            healthy, ready = tool.well(endpoint)
        except (Refused, Transient) as error:
            healthy, ready = str(error), ""
        state = f"not healthy: {healthy}" if healthy else f"healthy, but not ready ({ready})" if ready else ""
        values[endpoint.name] = redacted(state) or "healthy and ready"
        ill += [endpoint.name] if state else []
    names = " and ".join(values)
    if tool.prometheus and "Prometheus" not in ill:
        values |= _runtime(tool)
    said = f"{' and '.join(ill)} not well" if ill else f"{names} well"
    return Evidence(said, values, "red" if ill else "green")


def _runtime(tool: Monitoring) -> dict[str, str]:
    found, now = tool.runtime(), datetime.now(UTC)
    reload = "worked" if found.reload_worked else "FAILED: it runs on an older configuration"
    rows = {
        "Prometheus runs since": f"{clock(found.started_at)} ({age(found.started_at, now)})",
        "last configuration reload": f"{reload} ({age(found.reloaded_at, now)})",
    }
    return rows | ({"damaged blocks": str(found.corruptions)} if found.corruptions else {})


def _targets(tool: Monitoring) -> Evidence:
    found, now = tool.targets(), datetime.now(UTC)
    down = [one for one in found if one.health != "up"]
    jobs = Counter(one.job for one in found)
    values = {}
    for job, number in sorted(Counter(one.job for one in down).items())[:SHOWN]:
        worst = max((one for one in down if one.job == job), key=lambda one: one.last_scrape)
        values[f"job {job}"] = f"{number} of {jobs[job]} down; {_down(worst, now)}"
    said = f"{len(down)} of {len(found)} targets were down" if down else f"all {len(found)} targets were up"
    return Evidence(said, values, "amber" if down else "green")


def _down(one: Scraped, now: datetime) -> str:
    why = redacted(one.last_error, 160) or f"health {one.health}"
    return f"{one.instance}, tried {age(one.last_scrape, now)}: {why}"


def _rules(tool: Monitoring) -> Evidence:
    found = tool.rule_faults()
    values = {f"{one.group}/{one.name}": redacted(one.error, 160) for one in found[:SHOWN]}
    said = (
        f"{len(found)} rules cannot be evaluated: they do not alert" if found else "every rule was evaluated"
    )
    return Evidence(said, values, "amber" if found else "green")


def _alerts(tool: Monitoring) -> Evidence:
    found = tool.alerts()
    hushed = [one for one in found if one.state == "suppressed"]
    loud = Counter(one.words for one in found if one.state != "suppressed")
    values = {
        words: f"{number} times" if number > 1 else "firing" for words, number in loud.most_common(SHOWN)
    }
    return Evidence(f"{len(found)} alerts were firing, {len(hushed)} of them silenced or inhibited", values)


def _silences(tool: Monitoring) -> Evidence:
    active = sorted((one for one in tool.silences() if one.state == "active"), key=lambda one: one.ends_at)
    values = {
        f"until {clock(one.ends_at)}, {one.id}": redacted(
            f"{joined(one.matchers)} by {one.created_by or 'nobody'}: {one.comment}", 240
        )
        for one in active[:SHOWN]
    }
    return Evidence(f"{len(active)} silences were active" if active else "no silence was active", values)


def _survey(tools: Toolbox, params: LookParams) -> LookFacts:
    return LookFacts(tuple(one.place for one in tools.monitoring(params.environment).monitors))


def _plan(params: LookParams, facts: LookFacts) -> Plan:
    def look(what: Callable[[Monitoring], Evidence]) -> Callable[[Context], Evidence]:
        return partial(_look, what, params.environment)

    return Plan(
        before=(
            Step("Ask whether a monitor answers", partial(_check_answer, params.environment), attempts=2),
        ),
        steps=(),
        after=(
            Step("List the silences and when they end", look(_silences)),
            Step("List the rules that cannot be evaluated", look(_rules)),
            Step("Count the alerts that fire", look(_alerts)),
            Step("List the targets that are down", look(_targets)),
            Step("Ask the monitors for their health and readiness", look(_health)),
        ),
        facts=(("monitors", "; ".join(facts.places)),),
    )


look_at_monitoring = Action(
    name="look-at-monitoring",
    title="Look at the monitors themselves",
    risk=Risk.LOOK,
    params=LookParams,
    facts=LookFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/monitoring",
    survey=_survey,
    plan=_plan,
    permissions=("Prometheus and Alertmanager: to read their HTTP APIs",),
    example="run look-at-monitoring environment=production",
    description=(
        "Whether Prometheus and Alertmanager are healthy and ready, targets that are down and why, rules that"
        " cannot be evaluated, alerts that fire, silences and when they end."
    ),
    reach="nothing: it only reads",
    endings=(
        Ending(Fault.GONE, "before", "failed", "no monitor answers, which is said; nothing was changed"),
        Ending(Fault.TIMEOUT, "before", "failed", "no monitor answers in time; nothing was changed"),
        Ending(Fault.DENIED, "before", "refused", "the monitors refuse drbot; nothing was changed"),
    ),
)
