"""A journal entry: the smallest thing that happened. Incident, card and report are folds of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

Scalar: TypeAlias = str | int | float | bool | None
Json: TypeAlias = "Scalar | list[Json] | Mapping[str, Json]"

GENESIS = "0" * 64


@dataclass(frozen=True)
class NewEntry:
    """What a use case asks the journal to remember.

    `kind` is one of the past-tense names in `KINDS`; `actor` is a person's plan id, or `drbot`, or
    `monitor:<source>`; `data` is JSON. `incident` and `run` tie it to what it is about.
    """

    kind: str
    actor: str
    data: Mapping[str, Json]
    incident: int | None = None
    run: int | None = None


@dataclass(frozen=True)
class Entry:
    """A stored entry: numbered, timed (ISO 8601 UTC, microseconds) and chained to the one before."""

    seq: int
    at: str
    kind: str
    actor: str
    data: Mapping[str, Json]
    incident: int | None
    run: int | None
    previous: str
    hash: str


def canonical(data: Mapping[str, Json]) -> str:
    """JSON with sorted keys and no spaces, so that a hash of it means one thing."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def chain_hash(previous: str, seq: int, at: str, new: NewEntry, data_json: str) -> str:
    """SHA-256 over the hash before and every column of the entry."""
    incident, run = ("" if one is None else str(one) for one in (new.incident, new.run))
    text = "\x1f".join((previous, str(seq), at, new.kind, new.actor, incident, run, data_json))
    return hashlib.sha256(text.encode()).hexdigest()


KINDS: Mapping[str, str] = {
    "alert-fired": "an alert joined the incident",
    "alert-resolved": "the monitor says it is over",
    "alerts-truncated": "the monitor left alerts out of its notification",
    "incident-declared": "a person opened an incident",
    "incident-opened": "alerts opened an incident",
    "incident-acknowledged": "a person took it",
    "severity-changed": "by the rules or by a person, with the reason",
    "note-added": "a person's note",
    "incident-resolved": "a person, or the monitor, ended it",
    "incident-reopened": "an alert came back after the end",
    "message-posted": "a person wrote in the incident's channel or thread",
    "message-edited": "a person changed a message",
    "message-deleted": "a person took a message back",
    "mark-added": "a pin or reaction marked a message",
    "mark-removed": "the pin or reaction was taken away",
    "run-proposed": "an action was surveyed and planned",
    "run-approved": "a person approved the plan's digest",
    "run-denied": "a person refused it",
    "run-cancelled": "the one who asked took it back",
    "run-expired": "nobody approved in time",
    "run-refused": "a guard, drift or policy stopped it before anything changed",
    "run-started": "the first guard began",
    "guard-passed": "a precondition held",
    "step-done": "a step changed the world, with its evidence",
    "check-passed": "a verification held",
    "step-failed": "a guard, step, check or undo step did not hold, and what it said",
    "run-verified": "everything held",
    "run-failed": "it failed before anything changed",
    "run-stopped": "stopped half-way: a person is needed",
    "run-undone": "taken back",
    "glass-broken": "a person overrode rules of the plan for one run, with the reason",
    "breaker-opened": "runs on a target failed one after the other: nothing new begins there",
    "breaker-closed": "a person said why runs on the target are safe again",
    "runbook-started": "a person began to walk through a runbook",
    "runbook-step-done": "a step of a runbook held, by a run or by hand",
    "runbook-step-failed": "a step of a runbook failed, was refused or was not approved",
    "runbook-step-passed": "a step of a runbook was not needed, or a person went on past it",
    "runbook-continued": "a person had a step of a runbook tried again",
    "runbook-stopped": "a person ended a runbook before its end",
    "runbook-done": "every step of a runbook held, was passed or was not needed",
    "drill-started": "a person or a schedule began a drill of the plan, and what it does",
    "drill-passed": "recovery was rehearsed and every promise kept: the certificate, whole",
    "drill-failed": "a drill did not recover, or missed a promise: the certificate, whole",
    "press-refused": "a press was refused, and why",
    "report-drafted": "a report was written from the timeline",
    "clock-started": "the response clock began, or began anew, and who will be told when",
    "clock-stopped": "the response clock was answered, or the incident ended",
    "escalated": "a line of the communication plan was told: who, over what, when it was due",
    "seat-vacant": "a line of the communication plan has nobody to tell",
    "sent-outside": "a page, a mail or a text reached the other end",
    "not-sent-outside": "it was refused for good, or nobody can say whether it arrived",
    "outbound-retried": "a person had what was not sent outside sent again",
    "publication-drafted": "a text for the outside was drafted",
    "publication-edited": "a person changed the text",
    "publication-approved": "a person of the plan's role approved the text as it stands",
    "publication-withdrawn": "a person took the text back before it was posted",
    "update-promised": "the outside was promised its next update",
    "duty-taken": "a person leads, talks or works for the incident",
    "duty-left": "a person no longer does, and nobody else does yet",
    "handed-over": "where things stand was written down for whoever takes over",
    "report-edited": "a person changed the report",
    "report-reviewed": "a person put the report to review, or back",
    "report-published": "a person published the report",
    "cost-measured": "what the incident cost, as the plan's metric tells it",
    "action-item-added": "something to do, with who and by when",
    "action-item-changed": "its owner, day, words or state changed",
    "action-item-reminded": "its owner was reminded",
    "digest-posted": "the digest of a week or a month was posted",
    "pager-answered": "a person answered on PagerDuty's side",
    "setting-missing": "a missing setting disabled something",
}
