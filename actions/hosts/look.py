"""Looking at the servers: what is nearly full or overloaded, worst first, and what would help."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from actions.amounts import share_text, size_text, span_text
from actions.hosts.findings import Finding, findings
from actions.plan import Action, Context, Ending, Evidence, Fault, Plan, Refused, Risk, Step, Transient
from actions.tools.monitors.host_numbers import Disk, HostSeen
from actions.tools.monitors.hosts import Host, Hosts
from actions.tools.toolbox import Toolbox

AT_ONCE = 8
HOSTS_MOST = 50
DISKS_SHOWN = 5
ROWS = 40
FATAL = 0.95


@dataclass(frozen=True)
class HostsParams:
    """`host`: one of the plan's names, '' for all."""

    environment: str
    host: str = ""


@dataclass(frozen=True)
class HostsFacts:
    """Name and source of each server that would be looked at."""

    hosts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class _Looked:
    seen: tuple[HostSeen, ...]
    silent: tuple[tuple[str, Refused | Transient], ...]


def _look(hosts: Hosts, params: HostsParams) -> _Looked:
    """Ask every server, some at once. Raises what the first said where none told its numbers."""
    asked = hosts.named(params.host)[:HOSTS_MOST]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(partial(_see, hosts), asked))
    seen = tuple(one for one in answers if isinstance(one, HostSeen))
    silent = tuple(
        (host.name, one) for host, one in zip(asked, answers, strict=True) if not isinstance(one, HostSeen)
    )
    if not seen:
        raise next((error for _, error in silent if isinstance(error, Transient)), silent[0][1])
    return _Looked(seen, silent)


def _see(hosts: Hosts, host: Host) -> HostSeen | Refused | Transient:
    try:
        return hosts.see(host)
    except (Refused, Transient) as error:
        return error


def _check_answer(params: HostsParams, context: Context) -> Evidence:
    looked = _look(context.tools.hosts(params.environment), params)
    total = len(looked.seen) + len(looked.silent)
    return Evidence(f"{len(looked.seen)} of {total} servers told their numbers")


def _look_at_each(params: HostsParams, context: Context) -> Evidence:
    looked = _look(context.tools.hosts(params.environment), params)
    rows = {f"{one.name} {what}": said for one in looked.seen for what, said in _rows(one)}
    return Evidence(f"{len(looked.seen)} servers were read", dict(list(rows.items())[:ROWS]))


def _rows(seen: HostSeen) -> list[tuple[str, str]]:
    disks = sorted(seen.disks, key=lambda disk: disk.free_share)[:DISKS_SHOWN]
    rows = [(f"disk {disk.mount[:60]}", _disk_text(disk)) for disk in disks]
    memory = f"{size_text(seen.available_bytes)} of {size_text(seen.memory_bytes)} available"
    loads = " ".join(f"{load:.2f}" for load in seen.loads)
    up = f", up for {span_text(seen.up_s)}" if seen.up_s else ""
    return [*rows, ("memory", memory), ("load", f"{loads} on {seen.cores} cores{up}")]


def _disk_text(disk: Disk) -> str:
    end = f", full in about {span_text(disk.full_in_s)}" if disk.full_in_s is not None else ""
    free = f"{size_text(disk.free_bytes)} of {size_text(disk.size_bytes)}"
    return f"{share_text(disk.free_share)} free, {free}{end}"


def _look_for_worst(params: HostsParams, context: Context) -> Evidence:
    looked = _look(context.tools.hosts(params.environment), params)
    found = [Finding(1.0, f"{name}: no numbers: {error}", "") for name, error in looked.silent]
    found += [one for seen in looked.seen for one in findings(seen, params.environment)]
    found.sort(key=lambda one: -one.weight)
    if not found:
        said = f"nothing alarming on {', '.join(one.name for one in looked.seen)}"[:300]
        return Evidence(said, light="green")
    values = {str(number): one.said for number, one in enumerate(found[:ROWS], 1)}
    helps = dict.fromkeys(one.helps for one in found if one.helps)
    values |= {f"would help {number}": said for number, said in enumerate(list(helps)[:5], 1)}
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return Evidence(f"{found[0].said}{more}", values, "red" if found[0].weight >= FATAL else "amber")


def _survey(tools: Toolbox, params: HostsParams) -> HostsFacts:
    hosts = tools.hosts(params.environment)
    return HostsFacts(
        tuple((host.name, hosts.source(host)) for host in hosts.named(params.host)[:HOSTS_MOST])
    )


def _plan(params: HostsParams, facts: HostsFacts) -> Plan:
    names = ", ".join(name for name, _ in facts.hosts)
    short = names if len(names) <= 80 else f"{len(facts.hosts)} servers"
    return Plan(
        before=(Step(f"Check that {short} can be read", partial(_check_answer, params), 90.0, 2),),
        steps=(),
        after=(
            Step("Read disks, memory and load of each", partial(_look_at_each, params), 90.0),
            Step("Say what is worst, and what would help", partial(_look_for_worst, params), 90.0),
        ),
        facts=tuple((name, source) for name, source in facts.hosts[:20]),
    )


look_at_hosts = Action(
    name="look-at-hosts",
    title="Look at the servers",
    risk=Risk.LOOK,
    params=HostsParams,
    facts=HostsFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/host-numbers",
    survey=_survey,
    plan=_plan,
    permissions=("node_exporter: GET /metrics from where drbot runs, or Prometheus: GET /api/v1/query",),
    example="run look-at-hosts environment=production",
    description=(
        "Free disk and when it will be full, available memory and load of each server of the plan, the worst"
        " first, with what would help."
    ),
    reach=f"reads the numbers of at most {HOSTS_MOST} servers, {AT_ONCE} at once",
    endings=(
        Ending(Fault.GONE, "before", "failed", "No server tells its numbers; nothing was changed."),
        Ending(Fault.TIMEOUT, "before", "failed", "No server told its numbers in time; nothing was changed."),
        Ending(Fault.DENIED, "before", "refused", "Nobody lets drbot read; nothing was changed."),
    ),
)
