"""Dropping the databases that restores have put aside, once their way back is over."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from psycopg import errors, sql

from actions.failures import NotVerified, Refused
from actions.plan import Action, Context, Ending, Evidence, Fault, Plan, Risk, Step
from actions.restores.facts import size_text
from actions.restores.kept_facts import DropFacts, DropParams, KeptFacts, connected, drift, survey
from actions.tools.postgres.server import databases
from actions.tools.postgres.shadow import Names, restore_lock, seal_of

ENDINGS = (
    Ending(Fault.GONE, "before", "failed", "asked three times; nothing was dropped"),
    Ending(Fault.TIMEOUT, "before", "failed", "given up after 5 s, three times; nothing was dropped"),
    Ending(Fault.DENIED, "before", "refused", "says which right is missing; nothing was dropped"),
    Ending(Fault.VANISHED, "before", "refused", "it is not there any more; nothing was dropped"),
    Ending(Fault.CHANGED, "before", "refused", "it is another one, or in use; nothing was dropped"),
    Ending(Fault.GONE, "during", "stopped", "those dropped so far are gone, the others stay"),
    Ending(Fault.TIMEOUT, "during", "stopped", "those dropped so far are gone, the others stay"),
)


@dataclass(frozen=True)
class _Dropping:
    """The parts of one planned run; every method is the `do` of a step."""

    params: DropParams
    facts: DropFacts

    def check(self, context: Context) -> Evidence:
        """Guard: each is still the one that was shown, and nobody is in it. Each name is looked at."""
        server = context.tools.postgres(self.params.environment)
        with server.admin(context.run) as session:
            if server.identity(session).system_identifier != self.facts.system_identifier:
                raise Refused(f"another server answers at {self.facts.place} now. Nothing was changed.")
            row = session.execute(
                "SELECT rolsuper, current_user::text FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
            present = databases(session)
            for one in self.facts.targets:
                seen = present.get(one.name)
                if seen is None or seen.oid != one.oid or seal_of(session, one.name) != one.words:
                    raise Refused(f"{one.name} is not the one that was shown any more. Nothing was changed.")
                if users := connected(session, one.oid):
                    raise Refused(f"{one.name} is in use ({', '.join(users)}). Nothing was changed.")
                member = session.execute(
                    "SELECT pg_has_role(current_user, %s::name, 'MEMBER')", [seen.owner]
                ).fetchone()
                if not (row and row[0]) and not (member and member[0]):
                    raise Refused(
                        f"drbot's role may not drop {one.name}: it is not a member of its owner {seen.owner}."
                        " Nothing was changed."
                    )
        if not self.facts.targets:
            return Evidence("there was none to drop")
        return Evidence(f"{len(self.facts.targets)} were still as shown, and nobody was in them")

    def drop(self, one: KeptFacts, context: Context) -> Evidence:
        """Step: drop it, looked at again under the target's restore lock; gone already is done already."""
        server = context.tools.postgres(self.params.environment)
        with restore_lock(server, Names(self.facts.database, context.run), 300.0) as session:
            present = databases(session)
            if one.oid not in {seen.oid for seen in present.values()}:
                return Evidence(f"{one.name} was gone")
            seen = present.get(one.name)
            if one.name == server.database or seen is None or seen.oid != one.oid:
                raise NotVerified(f"{one.name} is another database now (a way back?): it was not dropped")
            if seal_of(session, one.name) != one.words:
                raise NotVerified(f"what is written on {one.name} has changed: it was not dropped")
            try:
                session.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(one.name)))
            except errors.ObjectInUse as error:
                raise NotVerified(f"somebody is in {one.name} now: it was not dropped") from error
        return Evidence(
            f"dropped {one.name} of RUN-{one.run}, put aside {one.age} before ({size_text(one.size_bytes)})",
            {"freed": size_text(one.size_bytes)},
        )

    def check_gone(self, context: Context) -> Evidence:
        """Check: none of them is there, and the live one is."""
        server = context.tools.postgres(self.params.environment)
        with server.admin(context.run) as session:
            present = databases(session)
        left = [one.name for one in self.facts.targets if one.oid in {seen.oid for seen in present.values()}]
        if left:
            raise NotVerified(f"{', '.join(left)} is still there")
        if server.database not in present:
            raise NotVerified(f"{server.database} is not there: look at {self.facts.place} at once")
        if not self.facts.targets:
            return Evidence(f"{server.database} was there, and nothing beside it was past its day")
        freed = sum(max(0, one.size_bytes) for one in self.facts.targets)
        return Evidence(f"{server.database} was there, {size_text(freed)} were free again")


def _plan(params: DropParams, facts: DropFacts) -> Plan:
    dropping = _Dropping(params, facts)
    return Plan(
        before=(Step("Check that each is still as shown, and nobody is in it", dropping.check),),
        steps=tuple(Step(f"Drop {one.name}", partial(dropping.drop, one), 360.0) for one in facts.targets),
        after=(Step("Check that they are gone, and the live database is there", dropping.check_gone),),
        facts=(
            ("beside", facts.place),
            *(() if facts.targets else (("to drop", "nothing is past its day"),)),
            *(
                (one.name, f"of RUN-{one.run}, {one.age} ago, {size_text(one.size_bytes)}")
                for one in facts.targets
            ),
            *(("stays", said) for said in facts.spared),
        ),
        warnings=("what was written into them is gone for good then; backups stay",) if facts.targets else (),
        amount=float(len(facts.targets)),
        forecast_s=2.0 * len(facts.targets),
    )


drop_kept_databases = Action(
    name="drop-kept-databases",
    title="Drop databases that restores put aside",
    risk=Risk.LOW,
    params=DropParams,
    facts=DropFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/database",
    survey=survey,
    plan=_plan,
    permissions=("PostgreSQL: superuser, or membership in the role that owns the target",),
    example="run drop-kept-databases environment=staging older_than=25h",
    description=(
        "Drops the databases that restores and their undos have kept beside the live one, once their way back"
        " is over: only those that carry drbot's own words, never the live one nor one that somebody is in."
    ),
    drift=drift,
    reach="at most 20 databases that drbot itself put aside more than 24 h ago, of one environment",
    endings=ENDINGS,
)
