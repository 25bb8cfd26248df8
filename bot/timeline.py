"""What happened, moment by moment: a pure fold of the journal and of people's words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from bot.domain.entry import Entry
from bot.domain.moment import Moment, slack_time
from bot.messages import Message
from bot.redact import plain, redact

MOMENTS_LIMIT = 20_000
WHAT_LIMIT = 600
_SPOKEN = frozenset({"message-posted", "message-edited"})


def timeline(
    entries: Iterable[Entry], messages: Iterable[Message], names: Mapping[str, str] | None = None
) -> tuple[Moment, ...]:
    """Every moment in order, at most 20,000 (the oldest stay). `names` tells ids of people as names.

    What somebody wrote is told by their message as it stands now; a message taken back only leaves
    the fact that it was.
    """
    known = dict(names or {})
    said = [one for one in messages if not one.deleted]
    for message in said:
        known.setdefault(message.author, message.author_name)
    moments = [_happened(entry, known) for entry in entries if entry.kind not in _SPOKEN]
    moments += [_spoken(message, known) for message in said]
    moments.sort(key=lambda moment: moment.at)
    return tuple(moments[:MOMENTS_LIMIT])


def _spoken(message: Message, names: Mapping[str, str]) -> Moment:
    what = _short(redact(plain(message.text, names)))
    who = message.author_name or names.get(message.author, "") or message.author
    return Moment(slack_time(message.ts), who, what, f"{message.channel}/{message.ts}", "message-posted")


def _happened(entry: Entry, names: Mapping[str, str]) -> Moment:
    facts = _Facts(entry, names)
    sentence = _SENTENCES.get(entry.kind, _other)(facts)
    return Moment(
        at=entry.at,
        who=facts.who,
        what=_short(redact(sentence)),
        evidence=f"e{entry.seq}",
        kind=entry.kind,
        run=facts.run if entry.run else "",
        severity=facts.said("to", "severity") if entry.kind in _GRADED else "",
        alert=facts.said("name", "alertname") if entry.kind.startswith("alert-") else "",
    )


_GRADED = frozenset({"severity-changed", "incident-opened", "incident-declared"})


class _Facts:
    """An entry's data as words; what is missing reads as nothing."""

    def __init__(self, entry: Entry, names: Mapping[str, str]) -> None:
        self._data = entry.data
        self.kind = entry.kind
        actor = entry.actor
        self.who = names.get(actor) or (
            actor.removeprefix("monitor:") if actor.startswith("monitor:") else actor
        )
        self.run = f"RUN-{entry.run}" if entry.run else "the run"

    def said(self, *keys: str) -> str:
        for key in keys:
            value = self._data.get(key)
            if isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
                return " ".join(str(value).split())
            if isinstance(value, list) and value:
                return "; ".join(" ".join(str(one).split()) for one in value[:10])
        return ""

    def tail(self, *keys: str, before: str = ": ") -> str:
        """The first of these facts behind a separator, or nothing."""
        words = self.said(*keys)
        return before + words if words else ""


_OUTCOME = ("outcome", "because", "said", "evidence", "reason", "why", "error")


def _severity(facts: _Facts) -> str:
    was = facts.tail("from", before="severity ") or "severity"
    because = facts.tail("reason", "why")
    return f"{was} → {facts.said('to', 'severity')} by {facts.who}{because}"


def _fired(facts: _Facts) -> str:
    about = facts.said("summary")
    name = facts.said("name", "alertname")
    return f"{name} fired" + (f": {about}" if about and about != name else "")


def _phase(word: str) -> Callable[[_Facts], str]:
    def sentence(facts: _Facts) -> str:
        title = facts.said("title", "step", "name", "guard", "check")
        detail = facts.tail("said", "evidence", "outcome", before=" – ")
        return f"{facts.run} {word}{': ' if title else ''}{title}{detail}"

    return sentence


def _ran(word: str, *keys: str, by: bool = False) -> Callable[[_Facts], str]:
    def sentence(facts: _Facts) -> str:
        title = facts.said("title", "action")
        about = " ".join(part for part in (facts.run, title) if part)
        return f"{about} {word}{f' by {facts.who}' if by else ''}{facts.tail(*keys) if keys else ''}"

    return sentence


_SENTENCES: Mapping[str, Callable[[_Facts], str]] = {
    "alert-fired": _fired,
    "alert-resolved": lambda facts: f"{facts.said('name', 'alertname')} resolved",
    "alerts-truncated": lambda facts: (
        f"the monitor left {facts.said('truncated', 'count') or 'some'} alerts out"
    ),
    "incident-declared": lambda facts: (
        f"{facts.who} declared{facts.tail('severity', before=' ')}{facts.tail('title')}"
    ),
    "incident-opened": lambda facts: (
        f"the incident was opened{facts.tail('severity', before=' as ')}{facts.tail('title')}"
    ),
    "incident-acknowledged": lambda facts: f"acknowledged by {facts.who}",
    "severity-changed": _severity,
    "note-added": lambda facts: facts.said("text"),
    "incident-resolved": lambda facts: f"resolved by {facts.who}{facts.tail('reason')}",
    "incident-reopened": lambda facts: f"reopened{facts.tail('reason')}",
    "message-deleted": lambda facts: f"{facts.who} took a message back",
    "mark-added": lambda facts: f"{facts.who} marked a message with {facts.said('mark')}",
    "mark-removed": lambda facts: f"{facts.who} took the mark {facts.said('mark')} away",
    "run-proposed": _ran("asked for", by=True),
    "run-approved": _ran("approved", by=True),
    "run-denied": _ran("refused", "reason", by=True),
    "run-cancelled": _ran("taken back", by=True),
    "run-expired": _ran("expired: nobody approved in time"),
    "run-refused": _ran("refused before anything changed", *_OUTCOME),
    "run-started": _ran("started"),
    "guard-passed": _phase("guard held"),
    "step-done": _phase("step done"),
    "step-failed": _phase("step failed"),
    "check-passed": _phase("check held"),
    "run-verified": _ran("verified", *_OUTCOME),
    "run-failed": _ran("failed", *_OUTCOME),
    "run-stopped": _ran("stopped half-way", *_OUTCOME),
    "run-undone": _ran("undone", *_OUTCOME),
    "runbook-started": lambda facts: (
        f"{facts.who} began {facts.said('walk')}: the runbook {facts.said('title')}"
    ),
    "runbook-step-done": lambda facts: _walked(facts, "said"),
    "runbook-step-failed": lambda facts: _walked(facts, "said"),
    "runbook-step-passed": lambda facts: _walked(facts, "said"),
    "runbook-continued": lambda facts: f"{_walked(facts)} – tried again by {facts.who}",
    "runbook-stopped": lambda facts: f"{facts.said('walk')} was stopped by {facts.who}{facts.tail('reason')}",
    "runbook-done": lambda facts: f"{facts.said('walk')} is done: {facts.said('said')}",
    "glass-broken": lambda facts: (
        f"{facts.who} broke the glass for {facts.run}{facts.tail('reason')}"
        f"{facts.tail('overrode', before='; overridden: ')}"
    ),
    "breaker-opened": lambda facts: (
        f"the circuit breaker of {facts.said('target')} opened: {facts.said('runs')} ended badly"
    ),
    "breaker-closed": lambda facts: (
        f"{facts.who} closed the circuit breaker of {facts.said('target')}{facts.tail('reason')}"
    ),
    "press-refused": lambda facts: (
        f"a press of {facts.who} was refused{facts.tail('why', 'because', 'reason')}"
    ),
    "report-drafted": lambda _: "a draft of the report was written",
    "setting-missing": lambda facts: f"a setting is missing{facts.tail('name', 'setting')}",
}


def _walked(facts: _Facts, *keys: str) -> str:
    step = facts.tail("step", before=" step ")
    title = facts.tail("title", before=": ")
    return f"{facts.said('walk') or 'the runbook'}{step}{title}{facts.tail(*keys, before=' – ')}"


def _other(facts: _Facts) -> str:
    """What carries its own sentence (`said`) tells it; else the kind, and what it is about."""
    if told := facts.said("said"):
        return told
    return facts.kind.replace("-", " ") + facts.tail("text", "title", "name", "reason")


def _short(text: str) -> str:
    return text if len(text) <= WHAT_LIMIT else text[: WHAT_LIMIT - 1].rstrip() + "…"
