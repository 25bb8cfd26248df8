"""The verb that hushes an incident's alerts for a stated time, while somebody works on it."""

from __future__ import annotations

from bot.commands.desk import Desk
from bot.commands.grammar import Said
from bot.commands.runs import no_more_words, propose
from bot.commands.verbs import ANY, verb
from bot.domain.answer import Answer, Refusal, UsageError
from bot.domain.incident import parse_incident_ref
from bot.runbooks.silence import matchers_for
from bot.store.incidents import alerts_of

ACTION = "silence-alert"
ALERTS_LOOKED_AT = 200
BECAUSE = 200


@verb("silence", "silence INC-7 [for=1h] [environment=ENV]", also=ANY)
def silence(desk: Desk, said: Said) -> Answer:
    """Silence an incident's alerts in Alertmanager for a time; the run's Undo ends it."""
    try:
        number = parse_incident_ref(said.word(0, "the incident"))
    except ValueError as error:
        raise UsageError(str(error)) from error
    no_more_words(said, 1)
    incident = desk.incidents.get(number)
    if ACTION not in desk.actions:
        raise Refusal(f"drbot has no action {ACTION!r} here, so it silences nothing")
    try:
        matchers = matchers_for(alerts_of(desk.store, incident.id, ALERTS_LOOKED_AT))
    except ValueError as error:
        raise Refusal(f"{incident.ref}: {error}") from error
    given = {
        "environment": incident.environment,
        "because": _one_line(f"{incident.ref}: {incident.title}"),
        "duration": said.options.get("for") or "1h",
        **{name: value for name, value in said.options.items() if name != "for"},
        "matchers": matchers,
        "incident": incident.ref,
    }
    if not given["environment"]:
        known = "|".join(desk.plan.environments) or "ENV"
        raise UsageError(f"{incident.ref} names no environment: say whose Alertmanager, environment={known}")
    return propose(desk, said, ACTION, given)


def _one_line(text: str) -> str:
    """What Alertmanager shows as the silence's comment: printable, on one line."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:BECAUSE]
