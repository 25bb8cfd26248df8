"""Ending a silence before its time, with a way to bring it back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from actions.failures import NotVerified, Refused, Transient
from actions.monitoring.look import clock
from actions.monitoring.matchers import joined
from actions.monitoring.silence_facts import AUTHOR, mark, own
from actions.plan import Action, Context, Ending, Evidence, Fault, Plan, Risk, Step
from actions.tools.monitors.alertmanager import Silence
from actions.tools.monitors.monitoring import Monitoring
from actions.tools.redaction import redacted
from actions.tools.toolbox import Toolbox

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SHORTEST_REST = timedelta(seconds=5)
COMMENT_LIMIT = 1000
KEEP_S = 3600.0


@dataclass(frozen=True)
class EndParams:
    """`silence` is its id, as look-at-monitoring lists it."""

    environment: str
    silence: str

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.silence):
            raise ValueError("silence is the id of one, as look-at-monitoring lists them")


@dataclass(frozen=True)
class EndFacts:
    """The silence as it was shown, `updated_at` pins it; `hushed` is how many alerts it hushes now."""

    place: str
    silence: str
    matchers: str
    ends_at: str
    updated_at: str
    created_by: str
    comment: str
    hushed: int


def _survey(tools: Toolbox, params: EndParams) -> EndFacts:
    tool = tools.monitoring(params.environment)
    found = _active(tool, params.silence)
    hushed = sum(params.silence in one.silenced_by for one in tool.alerts(found.matchers))
    return EndFacts(
        tool.of_alertmanager.place,
        found.id,
        joined(found.matchers),
        found.ends_at.isoformat(),
        found.updated_at.isoformat(),
        redacted(found.created_by, 60),
        redacted(found.comment, 200),
        hushed,
    )


def _active(tool: Monitoring, silence_id: str) -> Silence:
    found = tool.silence(silence_id)
    if found is None:
        raise Refused(
            f"{tool.of_alertmanager.place} knows no silence {silence_id}: look-at-monitoring lists those"
            " there are. Nothing was changed"
        )
    if found.state == "expired":
        raise Refused(f"the silence {silence_id} has ended, {clock(found.ends_at)}: nothing was changed")
    if found.state == "pending":
        raise Refused(
            f"the silence {silence_id} has not begun: drbot could not bring it back as it was, so it leaves"
            " it alone. Nothing was changed; end it on Alertmanager's own page"
        )
    return found


def _drift(planned: EndFacts, now: EndFacts) -> str | None:
    if (planned.place, planned.silence) != (now.place, now.silence):
        return "another silence than the one that was shown"
    if planned.updated_at != now.updated_at:
        return f"somebody changed the silence since it was shown; it now ends {now.ends_at}: {now.comment}"
    return None


class _Ending:
    """The steps of one plan."""

    def __init__(self, params: EndParams, facts: EndFacts) -> None:
        self.params = params
        self.facts = facts

    def tool(self, context: Context) -> Monitoring:
        return context.tools.monitoring(self.params.environment)

    def check_same(self, context: Context) -> Evidence:
        """Guard: it is active and as it was shown."""
        found = _active(self.tool(context), self.params.silence)
        if found.updated_at.isoformat() != self.facts.updated_at:
            raise Refused("somebody changed the silence since it was shown: nothing was changed; ask again")
        return Evidence("the silence was active and as shown")

    def end(self, context: Context) -> Evidence:
        """Step: end it, unless it has ended."""
        tool = self.tool(context)
        found = tool.silence(self.params.silence)
        if found is None or found.state == "expired":
            return Evidence("the silence had ended already")
        self.check_same(context)
        tool.unhush(self.params.silence)
        return Evidence(f"ended; it would have held until {self.facts.ends_at}")

    def check_ended(self, context: Context) -> Evidence:
        """Check: Alertmanager says that it has ended, and hushes nothing by it."""
        tool = self.tool(context)
        found = tool.silence(self.params.silence)
        if found is not None and found.state != "expired":
            raise NotVerified(f"the silence is still {found.state}")
        alerts = tool.alerts(found.matchers if found else ())
        still = [one for one in alerts if self.params.silence in one.silenced_by]
        if still:
            raise Transient(f"{len(still)} alerts are still hushed by it: {still[0].words}")
        loud = sum(one.state != "suppressed" for one in alerts)
        return Evidence(f"it hushed nothing any more; {loud} alerts of its matchers were heard again")

    def bring_back(self, context: Context) -> Evidence:
        """Way back: the same silence again, for the rest of its time."""
        tool = self.tool(context)
        ended = tool.silence(self.params.silence)
        if ended is None:
            raise Refused("Alertmanager has forgotten the silence: make a new one with silence-alert")
        if ended.state != "expired":
            return Evidence("the silence had not ended: nothing to bring back")
        mine = own(tool, context.run, ended.matchers)
        if mine is not None:
            return Evidence(f"it was back already, until {clock(mine.ends_at)}", {"silence": mine.id})
        ends_at = datetime.fromisoformat(self.facts.ends_at)
        if ends_at < datetime.now(UTC) + SHORTEST_REST:
            return Evidence(f"its time was over at {clock(ends_at)}: nothing to bring back")
        comment = f"{mark(context.run)} brought back for {ended.created_by}: {ended.comment}"
        made = tool.hush(ended.matchers, ends_at, AUTHOR, comment[:COMMENT_LIMIT])
        return Evidence(f"silenced again until {clock(ends_at)}", {"silence": made})


def _plan(params: EndParams, facts: EndFacts) -> Plan:
    work = _Ending(params, facts)
    ends_at = datetime.fromisoformat(facts.ends_at)
    warnings = (f"{facts.hushed} alerts that it hushes are told of again at once",) if facts.hushed else ()
    return Plan(
        before=(Step("Check that the silence is as shown here", work.check_same),),
        steps=(Step(f"End the silence of {facts.matchers}", work.end),),
        after=(Step("Check that it hushes nothing any more", work.check_ended, attempts=5),),
        undo=(Step("Bring the silence back for the rest of its time", work.bring_back),),
        facts=(
            ("Alertmanager", facts.place),
            ("silence", facts.silence),
            ("matchers", facts.matchers),
            ("would end", clock(ends_at)),
            ("made by", facts.created_by or "nobody named"),
            ("comment", facts.comment or "none"),
            ("alerts it hushes now", str(facts.hushed)),
        ),
        warnings=warnings,
        forecast_s=1.0,
        undo_keep_s=KEEP_S,
    )


end_silence = Action(
    name="end-silence",
    title="End a silence before its time",
    risk=Risk.LOW,
    params=EndParams,
    facts=EndFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/silences",
    survey=_survey,
    plan=_plan,
    permissions=("Alertmanager: to read alerts and to write silences (its API knows no finer rights)",),
    example="run end-silence environment=production silence=5f2b1c9e-1e54-4a5d-9d6b-3c1f0f6f7a10",
    description=(
        "Ends one silence by its id, whoever made it; its alerts are heard again. The way back makes the same"
        " silence again for the rest of its time."
    ),
    drift=_drift,
    reach="one silence, the one whose id is given",
    endings=(
        Ending(Fault.GONE, "before", "failed", "Alertmanager does not answer: the silence holds"),
        Ending(Fault.TIMEOUT, "before", "failed", "Alertmanager does not answer in time: the silence holds"),
        Ending(Fault.DENIED, "before", "refused", "Alertmanager refuses drbot: the silence holds"),
        Ending(Fault.VANISHED, "before", "refused", "it has ended by itself: nothing was changed"),
        Ending(Fault.CHANGED, "before", "refused", "somebody changed it since it was shown: it holds"),
        Ending(Fault.GONE, "during", "stopped", "whether it ended is not known: a person looks"),
        Ending(Fault.TIMEOUT, "during", "stopped", "whether it ended is not known: a person looks"),
    ),
)
