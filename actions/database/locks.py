"""Looking at locks: who waits for whom as a tree, from the one that is in everybody's way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from actions.amounts import counted
from actions.database.activity import LOOK_ENDINGS, ActivityFacts, ActivityParams
from actions.plan import Action, Context, Evidence, Plan, Risk, Step
from actions.restores.facts import age_text
from actions.tools.postgres.locks import Holder, Waiter, Waits, read_waits
from actions.tools.toolbox import Toolbox

SHOWN = 30
PREPARED = 0


@dataclass(frozen=True)
class Branch:
    """One line of the tree: `number` is its place, `2.1` the first behind `2`."""

    number: str
    said: str


def duration_text(seconds: float) -> str:
    """`40 s`, `12 min`, `3 h 20 min`: how long something has lasted."""
    return f"{max(0.0, seconds):.0f} s" if seconds < 120 else age_text(seconds)


def tree(waits: Waits) -> tuple[Branch, ...]:
    """Roots first, those with the most behind them before others; each waiter once, below one in its way.

    Those who wait for each other in a ring (the server ends one of them after deadlock_timeout) come last.
    """
    behind: dict[int, list[Waiter]] = {}
    for waiter in waits.waiters:
        for pid in dict.fromkeys(waiter.blocked_by):
            behind.setdefault(pid, []).append(waiter)
    waiting = {waiter.pid for waiter in waits.waiters}
    roots = sorted(
        (pid for pid in behind if pid not in waiting), key=lambda pid: (-len(_reached(pid, behind)), pid)
    )
    shown: set[int] = set()
    lines: list[Branch] = []
    for place, pid in enumerate(roots, 1):
        lines.append(Branch(str(place), _root_said(pid, waits, len(_reached(pid, behind)))))
        lines.extend(_below(pid, str(place), behind, shown))
    ring = [waiter for waiter in waits.waiters if waiter.pid not in shown]
    lines += [Branch(f"ring {place}", _waiter_said(waiter)) for place, waiter in enumerate(ring, 1)]
    return tuple(lines)


def _reached(pid: int, behind: Mapping[int, list[Waiter]]) -> set[int]:
    """Everybody who waits for it, themselves or through others."""
    found: set[int] = set()
    open_pids = [pid]
    while open_pids:
        for waiter in behind.get(open_pids.pop(), ()):
            if waiter.pid not in found:
                found.add(waiter.pid)
                open_pids.append(waiter.pid)
    return found


def _below(pid: int, place: str, behind: Mapping[int, list[Waiter]], shown: set[int]) -> Iterator[Branch]:
    fresh = [waiter for waiter in behind.get(pid, ()) if waiter.pid not in shown]
    shown |= {waiter.pid for waiter in fresh}
    for number, waiter in enumerate(fresh, 1):
        yield Branch(f"{place}.{number}", _waiter_said(waiter))
        yield from _below(waiter.pid, f"{place}.{number}", behind, shown)


def _who(user: str, application: str) -> str:
    return f"{user}, {application}" if application else user


def _waiter_said(waiter: Waiter) -> str:
    others = ", ".join(str(pid) if pid else "a prepared transaction" for pid in waiter.blocked_by)
    return (
        f"pid {waiter.pid} ({_who(waiter.user, waiter.application)}) has waited"
        f" {duration_text(waiter.waited_s)} for {waiter.lock}, behind {others}: {waiter.query}"
    )


def _root_said(pid: int, waits: Waits, behind: int) -> str:
    if pid == PREPARED:
        names = ", ".join(waits.prepared) or "its name is not told"
        return f"a prepared transaction ({names}) blocks {behind}: COMMIT PREPARED or ROLLBACK PREPARED it"
    holder = waits.holders.get(pid)
    if holder is None:
        return f"pid {pid} blocks {behind}; it was gone a moment later"
    return f"{_holder_said(holder)} blocks {behind}: {holder.query}. {_would_help(holder)}"


def _holder_said(holder: Holder) -> str:
    since = f"{holder.state} for {duration_text(holder.state_s)}"
    if holder.transaction_s:
        since += f", its transaction {duration_text(holder.transaction_s)} old"
    return f"pid {holder.pid} ({_who(holder.user, holder.application)}), {since},"


def _would_help(holder: Holder) -> str:
    if holder.superuser:
        return "It is a superuser's: not drbot's to end"
    if holder.state.startswith("idle in transaction"):
        return "end-idle-in-transaction would end it"
    return "end-long-queries would cancel it" if holder.state == "active" else "It is no client's query"


def _look(environment: str, context: Context) -> Evidence:
    server = context.tools.postgres(environment)
    with server.session(context.run, statement_timeout_s=10.0) as session:
        waits = read_waits(session, server.database)
    if not waits.waiters:
        return Evidence("nobody waited for a lock", light="green")
    lines = tree(waits)
    values = {line.number: line.said for line in lines[:SHOWN]}
    if len(lines) > SHOWN or waits.more:
        values["more"] = f"{len(lines) - SHOWN if not waits.more else 'many'} more lines are left out"
    longest = max(waiter.waited_s for waiter in waits.waiters)
    waited = counted(len(waits.waiters), "session")
    said = f"{waited} waited for a lock, the longest for {duration_text(longest)}"
    first = next((line.said for line in lines if line.number == "1"), "they wait for each other in a ring")
    return Evidence(f"{said}; {first.split(': ')[0]}", values, "amber")


def _survey(tools: Toolbox, params: ActivityParams) -> ActivityFacts:
    return ActivityFacts(tools.postgres(params.environment).place)


def _plan(params: ActivityParams, facts: ActivityFacts) -> Plan:
    return Plan(
        before=(),
        steps=(),
        after=(Step("Show who waits for whom, from the root", partial(_look, params.environment)),),
        facts=(("database", facts.place),),
    )


look_at_locks = Action(
    name="look-at-locks",
    title="Look at locks and who blocks whom",
    risk=Risk.LOOK,
    params=ActivityParams,
    facts=ActivityFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/database-locks",
    survey=_survey,
    plan=_plan,
    permissions=("PostgreSQL: pg_read_all_stats, to see the queries of others",),
    example="run look-at-locks environment=production",
    description=(
        "The sessions that wait for a lock as a tree, longest first: the root blocker with its state, age and"
        " query without literals, then who waits behind whom, for which lock on which table."
    ),
    reach=f"changes nothing; shows at most {SHOWN} lines of one database",
    endings=LOOK_ENDINGS,
)
