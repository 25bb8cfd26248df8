"""Silencing an alert for a stated time while people work on it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from actions.failures import NotVerified, Refused, Transient
from actions.monitoring.look import clock
from actions.monitoring.silence_facts import (
    AUTHOR,
    SilenceFacts,
    SilenceParams,
    drift,
    ever_own,
    mark,
    own,
    read_duration_s,
    survey_of,
)
from actions.plan import Action, Context, Ending, Evidence, Fault, Plan, Risk, Step
from actions.tools.monitors.monitoring import Monitoring
from actions.tools.toolbox import Toolbox


class _Silencing:
    """The steps of one plan."""

    def __init__(self, params: SilenceParams, facts: SilenceFacts) -> None:
        self.params = params
        self.facts = facts
        self.matchers = params.read

    def tool(self, context: Context) -> Monitoring:
        return context.tools.monitoring(self.params.environment)

    def check_same(self, context: Context) -> Evidence:
        """Guard: it hushes what was shown, and no other alert."""
        now = survey_of(self.tool(context), self.matchers)
        moved = drift(self.facts, now)
        if moved:
            raise Refused(f"{moved}. Nothing was changed; ask again to see what it would hush")
        return Evidence(f"{now.number} alerts matched, of the names that were shown")

    def check_first(self, context: Context) -> Evidence:
        """Guard: as above, and no other drbot has used this run's number for it."""
        if ever_own(self.tool(context), context.run, self.matchers):
            raise Refused(
                f"{self.facts.place} knows a silence of a RUN-{context.run} already, of a drbot with another"
                " memory. Nothing was changed; ask again for another run"
            )
        return self.check_same(context)

    def begin(self, context: Context) -> Evidence:
        """Step: begin the silence, unless this run has done so already: what a person ended stays ended."""
        tool = self.tool(context)
        made_before = ever_own(tool, context.run, self.matchers)
        for mine in made_before:
            if mine.state != "expired":
                return Evidence(f"it was there already, until {clock(mine.ends_at)}", {"silence": mine.id})
        if made_before:
            return Evidence("it had been begun by this run, and was ended since")
        self.check_same(context)
        ends_at = datetime.now(UTC) + timedelta(seconds=read_duration_s(self.params.duration))
        comment = f"{mark(context.run)} {self.params.because or 'no reason given'}"
        made = tool.hush(self.matchers, ends_at, AUTHOR, comment)
        return Evidence(f"silenced until {clock(ends_at)}", {"silence": made, "comment": comment})

    def check_active(self, context: Context) -> Evidence:
        """Check: Alertmanager says that the silence is active."""
        mine = own(self.tool(context), context.run, self.matchers)
        if mine is None:
            raise NotVerified("Alertmanager holds no silence of this run: somebody ended it, or it was lost")
        if mine.state != "active":
            raise Transient(f"the silence {mine.id} is {mine.state}, not active yet")
        return Evidence(f"the silence was active until {clock(mine.ends_at)}", {"silence": mine.id})

    def check_hushed(self, context: Context) -> Evidence:
        """Check: every alert that matches is suppressed."""
        found = self.tool(context).alerts(self.matchers)
        loud = [one for one in found if one.state != "suppressed"]
        if loud:
            raise Transient(f"{len(loud)} of {len(found)} alerts are not suppressed yet: {loud[0].words}")
        return Evidence(f"{len(found)} alerts were suppressed" if found else "no alert matched at the moment")

    def end(self, context: Context) -> Evidence:
        """Way back: end the silence."""
        tool = self.tool(context)
        mine = own(tool, context.run, self.matchers)
        if mine is None:
            return Evidence("its silence had ended already, or never began")
        tool.unhush(mine.id)
        return Evidence("the silence was ended: its alerts are heard again", {"silence": mine.id})


def _survey(tools: Toolbox, params: SilenceParams) -> SilenceFacts:
    return survey_of(tools.monitoring(params.environment), params.read)


def _plan(params: SilenceParams, facts: SilenceFacts) -> Plan:
    work = _Silencing(params, facts)
    seconds = read_duration_s(params.duration)
    rows = tuple(
        (f"would be hushed {at}", one.words + (", is hushed already" if one.already else ""))
        for at, one in enumerate(facts.alerts, 1)
    )
    return Plan(
        before=(Step("Check that it hushes what is shown here, and nothing else", work.check_first),),
        steps=(Step(f"Silence {facts.matchers} for {params.duration}", work.begin),),
        after=(
            Step("Check that Alertmanager says it is active", work.check_active, attempts=5),
            Step("Check that its alerts are suppressed", work.check_hushed, attempts=5),
        ),
        undo=(Step("End the silence", work.end),),
        facts=(
            ("Alertmanager", facts.place),
            ("matchers", facts.matchers),
            ("for", params.duration),
            ("alerts firing that match", str(facts.number)),
            *rows,
            *((("and more", str(facts.more)),) if facts.more else ()),
        ),
        warnings=_warnings(facts),
        forecast_s=1.0,
        undo_keep_s=seconds,
    )


def _warnings(facts: SilenceFacts) -> tuple[str, ...]:
    said = ["while it holds nobody is told of these alerts, also not when they get worse or are over"]
    if not facts.number:
        said.append(
            "no alert that fires now matches: check the spelling, or it silences one that comes later"
        )
    elif len(facts.names) > 1:
        said.append(f"it hushes {len(facts.names)} different alerts: {', '.join(facts.names)}")
    if facts.alerts and all(one.already for one in facts.alerts) and not facts.more:
        said.append("all of them are silenced or inhibited already")
    return tuple(said)


silence_alert = Action(
    name="silence-alert",
    title="Silence an alert for a while",
    risk=Risk.LOW,
    params=SilenceParams,
    facts=SilenceFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/silences",
    survey=_survey,
    plan=_plan,
    permissions=("Alertmanager: to read alerts and to write silences (its API knows no finer rights)",),
    example="run silence-alert environment=production matchers=HikariPoolExhausted duration=1h",
    description=(
        "Hushes the alerts that match for a stated time (5m to 24h), and nothing that was not shown. Matchers"
        ' are Alertmanager\'s, alertname="X",instance="y", or the bare name of an alert. A set that hushes'
        " everything, or everything of a severity, is refused."
    ),
    drift=drift,
    reach="the notifications of at most 10 alert names for at most 24 h; the service is not touched",
    endings=(
        Ending(Fault.GONE, "before", "failed", "Alertmanager does not answer: no silence was made"),
        Ending(Fault.TIMEOUT, "before", "failed", "Alertmanager answers too late: no silence was made"),
        Ending(Fault.DENIED, "before", "refused", "Alertmanager refuses drbot: no silence was made"),
        Ending(Fault.VANISHED, "before", "refused", "the alert fires no more: no silence was made"),
        Ending(Fault.CHANGED, "before", "refused", "it would hush another alert too: no silence was made"),
        Ending(
            Fault.GONE, "during", "stopped",
            "whether the silence began is not known: a person looks; it ends by itself after its time",
        ),
        Ending(
            Fault.TIMEOUT, "during", "stopped",
            "whether the silence began is not known: a person looks; it ends by itself after its time",
        ),
    ),
)  # fmt: skip
