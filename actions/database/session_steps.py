"""The steps that end sessions: over those that were shown and no others, each looked at again."""

from __future__ import annotations

import time
from dataclasses import dataclass

from actions.database.activity import pool_text, row_of
from actions.database.session_targets import NO_RIGHT, EndFacts, EndParams, read_age_s
from actions.failures import NotVerified, Refused, Transient
from actions.plan import Context, Ending, Evidence, Fault
from actions.tools.postgres.server import Session
from actions.tools.postgres.sessions import (
    Hold,
    LongSession,
    Pool,
    cancel,
    long_sessions,
    may_signal,
    read_pool,
    still_there,
    terminate,
)

PATIENCE_S = 5.0
ENDINGS = (
    Ending(Fault.GONE, "before", "failed", "the server was asked three times; no session was touched"),
    Ending(Fault.TIMEOUT, "before", "failed", "given up after 5 s, three times; no session was touched"),
    Ending(Fault.DENIED, "before", "refused", "says which right is missing; no session was touched"),
    Ending(Fault.VANISHED, "before", "refused", "they ended by themselves; nobody else was touched"),
    Ending(Fault.CHANGED, "before", "refused", "they went on to other work, which is not what was approved"),
    Ending(
        Fault.GONE, "during", "stopped", "some may have been ended; a person looks once the server answers"
    ),
    Ending(
        Fault.TIMEOUT, "during", "stopped", "some may have been ended; a person looks once the server answers"
    ),
)


@dataclass(frozen=True)
class SessionEnding:
    """One plan's sessions and how they hold their connection; every method is the `do` of one step."""

    params: EndParams
    facts: EndFacts
    hold: Hold

    @property
    def pins(self) -> tuple[LongSession, ...]:
        return tuple(one.pin for one in self.facts.targets)

    @property
    def all(self) -> str:
        return f"the {len(self.facts.targets)} sessions" if len(self.facts.targets) > 1 else "the session"

    def check_server(self, context: Context) -> Evidence:
        """Guard: the same server, the right to end them, and at least one of them is still at it."""
        server = context.tools.postgres(self.params.environment)
        with server.admin(context.run) as session:
            identity = server.identity(session)
            allowed = may_signal(session)
            left = still_there(session, self.pins, self.hold)
        if identity.system_identifier != self.facts.system_identifier:
            raise Refused(f"{server.place} is another server than the one that was shown: nothing was ended")
        if not allowed:
            raise Refused(NO_RIGHT)
        if not left:
            raise Refused(
                f"none of {self.all} shown is at it any more: ended, or gone on to other work."
                " Nothing was ended; look again."
            )
        return Evidence(f"{len(left)} of {len(self.pins)} were still at it")

    def cancel(self, context: Context) -> Evidence:
        """Step: cancel what runs; a session that went on to something else is left alone."""
        with context.tools.postgres(self.params.environment).admin(context.run) as session:
            asked = cancel(session, self.pins)
            left = self._wait(session, tuple(pin for pin in self.pins if pin.pid in asked), context)
        gone = len(asked) - len(left)
        return Evidence(f"cancelled {len(asked)} queries; {gone} let go within {PATIENCE_S:.0f} s")

    def terminate(self, context: Context) -> Evidence:
        """Step: end the connections of those that (still) hold them."""
        with context.tools.postgres(self.params.environment).admin(context.run) as session:
            ended = terminate(session, self.pins, self.hold)
            left = self._wait(session, self.pins, context)
        if left:
            raise Transient(f"{len(left)} sessions are still ending: {', '.join(map(str, left))}")
        rows = {
            f"pid {one.pid}": f"{one.age} {one.state} ({one.user}): {one.query}" for one in self.facts.targets
        }
        said = f"ended {len(ended)} connections" if ended else "no connection had to be ended"
        return Evidence(said, rows)

    def check_gone(self, context: Context) -> Evidence:
        """Check: none of them is at it any more."""
        with context.tools.postgres(self.params.environment).admin(context.run) as session:
            left = still_there(session, self.pins, self.hold)
        if left:
            raise NotVerified(f"{len(left)} sessions are still at it: {', '.join(map(str, left))}")
        return Evidence(f"none of {self.all} was at it any more")

    def check_pool(self, context: Context) -> Evidence:
        """Check: a new connection to the database succeeds; how many are in use now."""
        server = context.tools.postgres(self.params.environment)
        try:
            with server.session(context.run) as session:
                pool = read_pool(session, server.database)
                younger = long_sessions(
                    session, server.database, read_age_s(self.params.older_than), self.hold
                )
        except (Refused, Transient) as error:
            raise NotVerified(f"they were ended, but a new connection still fails: {error}") from error
        if pool.used >= pool.usable:
            raise NotVerified(
                f"they were ended, but {pool_text(pool)}: something takes them faster than it lets go"
            )
        values = {
            "before": f"{self.facts.used} of {self.facts.usable}",
            "now": f"{pool.used} of {pool.usable}",
        }
        values |= {f"also older, pid {one.pid}": row_of(one) for one in younger[:5]}
        return Evidence(f"a new connection succeeded; {self._moved(pool)}", values)

    def _moved(self, pool: Pool) -> str:
        change = self.facts.used - pool.used
        return (
            f"{pool_text(pool)}, {change} fewer"
            if change > 0
            else f"{pool_text(pool)}, not fewer than before"
        )

    def _wait(self, session: Session, pins: tuple[LongSession, ...], context: Context) -> tuple[int, ...]:
        """Until they have let go, or PATIENCE_S is over: who has not."""
        deadline = time.monotonic() + PATIENCE_S
        while left := still_there(session, pins, self.hold):
            if time.monotonic() > deadline:
                return left
            context.progress(f"{len(left)} still at it")
            time.sleep(0.05)
        return ()
