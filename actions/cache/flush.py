"""Emptying one database of the cache, where the plan says that this loses nothing but time (section 7)."""

from __future__ import annotations

from actions.amounts import share_text, size_text
from actions.cache.flush_survey import (
    FlushFacts,
    FlushParams,
    check_allowed,
    count_keys,
    drift,
    no_keys,
    survey,
)
from actions.plan import Action, Context, Ending, Evidence, Fault, NotVerified, Plan, Refused, Risk, Step
from actions.tools.cache.flush import flush_database, flush_matching, may_flush, probe, was_flushed
from actions.tools.cache.info import CacheSeen, see
from actions.tools.cache.server import Cache, Session

FLUSH_TIMEOUT_S = 600.0


class _Flush:
    """The steps of one plan, on the very process that was surveyed."""

    def __init__(self, params: FlushParams, facts: FlushFacts) -> None:
        self.params = params
        self.facts = facts
        like = f" like {params.pattern}" if params.pattern else ""
        self.what = f"database {facts.database} of {facts.place}"
        self.keys = f"keys{like}"

    def _on(self, context: Context) -> tuple[Cache, int]:
        return context.tools.cache(self.params.environment), self.facts.database

    def _same(self, cache: Cache, session: Session) -> CacheSeen:
        seen = see(session)
        if (cache.place, seen.run_id) != (self.facts.place, self.facts.run_id):
            raise Refused(f"{cache.place} was restarted or is another server than the one shown: ask again")
        check_allowed(cache, seen)
        return seen

    def check(self, context: Context) -> Evidence:
        """Guard: the same process, a primary that may be emptied; the rights are there, and keys are."""
        cache, database = self._on(context)
        with cache.session(database) as session:
            seen = self._same(cache, session)
            if was_flushed(session, context.run):
                raise Refused(
                    f"{self.what} bears the mark of a RUN-{context.run} already, of a drbot with another"
                    " memory: nothing was flushed. The mark ends within a day; ask again for another run"
                )
            keys, complete = count_keys(session, seen, database, self.params.pattern)
            if not keys and complete:
                raise Refused(f"{no_keys(cache, database, self.params)} any more: nothing to flush")
            may_flush(session, bool(self.params.pattern))
        return Evidence(f"{self.what} was the one shown, with {keys:,} {self.keys}; drbot may flush it")

    def flush(self, context: Context) -> Evidence:
        """Step: once for this run, which the mark left in the same transaction remembers."""
        cache, database = self._on(context)
        with cache.session(database) as session:
            self._same(cache, session)
            if was_flushed(session, context.run):
                return Evidence(f"{self.what} had been flushed by this run already")
            if self.params.pattern:
                gone = flush_matching(session, context.run, self.params.pattern, context.progress)
                return Evidence(f"unlinked {gone:,} {self.keys} in {self.what}", {"unlinked": f"{gone:,}"})
            before, after = flush_database(session, context.run)
        return Evidence(
            f"flushed {before:,} keys of {self.what}",
            {"keys before": f"{before:,}", "keys just after": f"{after:,}"},
        )

    def check_works(self, context: Context) -> Evidence:
        """Check: it answers, takes a key and gives it back."""
        cache, database = self._on(context)
        with cache.session(database) as session:
            took_s = probe(session, context.run)
        return Evidence(f"{cache.place} took a key and gave it back in {took_s * 1000:.0f} ms")

    def check_fewer(self, context: Context) -> Evidence:
        """Check: the keys are gone; what customers have put there since is told, not held against it."""
        cache, database = self._on(context)
        with cache.session(database) as session:
            marked = was_flushed(session, context.run)
            left, complete = count_keys(session, see(session), database, self.params.pattern)
        if left >= self.facts.keys and not marked:
            raise NotVerified(f"{self.what} holds {left:,} {self.keys}, not fewer than before")
        more = "" if complete else "at least "
        back = ", put there since the flush" if left and not self.params.pattern and marked else ""
        return Evidence(
            f"{self.what} held {more}{left:,} {self.keys}{back}",
            {"before": f"{self.facts.keys:,}", "now": f"{more}{left:,}"},
        )

    def check_healthy(self, context: Context) -> Evidence:
        """Check: the same process, and its saving to disk is no worse than before."""
        cache, database = self._on(context)
        with cache.session(database) as session:
            seen = see(session)
        if seen.run_id != self.facts.run_id:
            raise NotVerified(f"{cache.place} was restarted while it was flushed: look at its log")
        for name, before, now in (
            ("RDB save", self.facts.rdb_ok, seen.persistence.rdb_ok),
            ("AOF write", self.facts.aof_ok, seen.persistence.aof_ok),
        ):
            if before and not now:
                raise NotVerified(f"{cache.place} was flushed, but its last {name} failed: look at its disk")
        used = seen.memory.used_bytes
        return Evidence(
            f"{cache.place} was the same process, now with {size_text(used)} in use",
            {"memory before": size_text(self.facts.used_bytes), "memory now": size_text(used)},
        )


def _cost(facts: FlushFacts) -> str:
    if facts.hit_share is None:
        return "until it is warm again, everything asked of it goes to what is behind it"
    return (
        f"{share_text(facts.hit_share)} of what is asked is found here; until it is warm again, all of that"
        " goes to the database"
    )


def _warnings(params: FlushParams, facts: FlushFacts) -> tuple[str, ...]:
    found = ["customers notice slower first requests; sessions or carts kept only here end"]
    if facts.on_disk:
        found.append(f"it keeps {facts.on_disk}: the keys go from there, too; the plan says they may")
    if facts.replicas:
        found.append(f"its {facts.replicas} replicas are emptied with it")
    if facts.others:
        found.append(f"left alone, perhaps another program's: {', '.join(facts.others)}")
    if params.pattern:
        found.append("keys that are written while it runs and match may go, too")
    return (*found, "there is no way back: what is flushed cannot be restored")


def _plan(params: FlushParams, facts: FlushFacts) -> Plan:
    flush = _Flush(params, facts)
    at_least = "at least " if facts.at_least else ""
    do = f"Unlink the {flush.keys} in" if params.pattern else "Flush, without holding clients up,"
    here = f"{facts.all_keys:,} keys, {facts.expiring:,} of which expire by themselves"
    return Plan(
        before=(Step(f"Check that {facts.place} is still the server shown here", flush.check, 30.0, 2),),
        steps=(Step(f"{do} {flush.what}", flush.flush, FLUSH_TIMEOUT_S),),
        after=(
            Step("Write a key and read it back", flush.check_works, 30.0),
            Step(f"Count the {flush.keys} again", flush.check_fewer, 30.0),
            Step("Check that it is the same process and saves as before", flush.check_healthy, 30.0),
        ),
        facts=(
            ("cache", f"{facts.place}, Redis {facts.version}, database {facts.database}"),
            ("would go", f"{at_least}{facts.keys:,} {flush.keys}"),
            ("holds", here),
            ("memory", f"{size_text(facts.used_bytes)} in use by all databases"),
            ("cost", _cost(facts)),
        ),
        warnings=_warnings(params, facts),
        forecast_s=2.0 + facts.keys / 200_000,
    )


flush_cache = Action(
    name="flush-cache",
    title="Flush the cache",
    risk=Risk.DESTRUCTIVE,
    params=FlushParams,
    facts=FlushFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/cache",
    survey=survey,
    plan=_plan,
    permissions=(
        "Redis: +multi +exec +discard +flushdb +scan +unlink +dbsize +info +ping (ACL), and +set +get +exists"
        " on ~drbot:*; with a pattern, the keys it matches, too",
        "the plan: `ephemeral: true` for this cache",
    ),
    example="run flush-cache environment=staging database=0",
    description=(
        "Empties one database of the cache without holding clients up, or only the keys like a pattern, once."
        " Refused where the plan does not say that the cache is ephemeral, on a replica, and in a cluster."
    ),
    drift=drift,
    confirm_word=lambda params: params.environment,
    reach="the keys of one database of one Redis (or those that match one pattern), and of its replicas",
    endings=(
        Ending(Fault.GONE, "before", "failed", "The cache does not answer; every key is as it was."),
        Ending(Fault.TIMEOUT, "before", "failed", "The cache answers too late; every key is as it was."),
        Ending(Fault.DENIED, "before", "refused", "drbot's user may not flush; every key is as it was."),
        Ending(Fault.VANISHED, "before", "refused", "The database is empty already; nothing was done."),
        Ending(Fault.CHANGED, "before", "refused", "The cache was restarted since; nothing was done."),
        Ending(
            Fault.GONE,
            "during",
            "stopped",
            "Flushed once or not at all; a person looks at the cache.",
        ),
        Ending(
            Fault.TIMEOUT, "during", "stopped", "Flushed once or not at all; a person looks at the cache."
        ),
    ),
)
