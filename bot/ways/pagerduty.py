"""PagerDuty as a way out: the page by the Events API; notes, priorities and its own incidents by REST."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import NoReturn, TypeVar

import msgspec

from bot.domain.entry import Json
from bot.domain.outbound import Job, Later, Never, Sent, Unknown, Way
from bot.ways.pagerduty_calls import TIMEOUT_S, Answer, Events, NoAnswer, Rest

_T = TypeVar("_T")
EVENT_ACTIONS = ("trigger", "acknowledge", "resolve")
# Its events are taken at once and become incidents a moment later.
LOOKS_S = (0.0, 0.5, 1.5)
NOT_YET_S = 5.0
LOOKED_FOR_MOST = 100
NOTES_READ = 2_000
_NEWEST = {"sort_by": "created_at:desc", "limit": "1"}
TOO_MANY, FAILED = 429, 500
NO_ROUTING_KEY = "PAGERDUTY_ROUTING_KEY is not set: PagerDuty cannot be told"
NO_API_KEY = (
    "PAGERDUTY_API_KEY is not set: only pages can be sent, no notes and nothing about its own incidents"
)
NO_SENDER = (
    "PagerDuty wants to know in whose name: give whoever did it, or `writes_as` of the plan's"
    " communication.pager, the e-mail of one of its users"
)


class _Reference(msgspec.Struct):
    id: str
    name: str = ""
    summary: str = ""


class _Incidents(msgspec.Struct):
    incidents: list[_Reference]


class _Priorities(msgspec.Struct):
    priorities: list[_Reference]


class _Note(msgspec.Struct):
    content: str = ""
    id: str = ""


class _Notes(msgspec.Struct):
    notes: list[_Note]


class _Added(msgspec.Struct):
    note: _Note


class PagerDuty:
    """The Sender. A payload names the page by `dedup_key` where it is ours, by `page` (PagerDuty's id of it)
    where PagerDuty raised it first; REST writes need `from`, the e-mail of one of its users.

    `trigger` also holds summary, source, severity, component, group, custom_details and links; `note` holds
    text, `priority` the name of one of the account's priorities.

    Events and changes of state mean the same however often they arrive, so what got no answer is Later and
    simply sent again; only a note is looked for first.
    """

    def __init__(
        self,
        routing_key: str,
        api_key: str = "",
        events_url: str = "",
        api_url: str = "",
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._events = Events(routing_key, events_url, timeout_s) if routing_key else None
        self._rest = Rest(api_key, api_url, timeout_s) if api_key else None
        self._priorities: Mapping[str, str] = {}

    @property
    def way(self) -> Way:
        return Way.PAGERDUTY

    def send(self, job: Job, remote: str) -> Sent:
        """Deliver it. Raises Later, Never, or Unknown for a note without an answer."""
        del remote
        if job.action == "note":
            return self._note(job)
        if job.action == "priority":
            return self._change(
                job, {"priority": self._priority(job)}, f"its priority is {_of(job, 'priority')}"
            )
        if job.action not in EVENT_ACTIONS:
            raise Never(f"drbot does not know how to {job.action!r} a page: nothing was sent")
        if "page" in job.payload:
            status = "acknowledged" if job.action == "acknowledge" else "resolved"
            return self._change(job, {"status": status}, f"its own incident is {status}")
        return self._event(job)

    def find(self, job: Job, remote: str) -> Sent | None:
        """Whether a note is there, by its text. Anything else may be sent again: None."""
        del remote
        if job.action != "note":
            return None
        page = self._page(job)
        answer = self._asked(lambda: self._read().get(f"/incidents/{page}/notes"))
        notes = _read(answer, _Notes).notes[:NOTES_READ]
        return next(
            (Sent(note.id, "the note is there") for note in notes if note.content == _text(job)), None
        )

    def _event(self, job: Job) -> Sent:
        if self._events is None:
            raise Never(NO_ROUTING_KEY)
        key = _of(job, "dedup_key")
        event: dict[str, Json] = {"event_action": job.action, "dedup_key": key}
        if job.action == "trigger":
            event |= _trigger(job.payload)
        events = self._events
        answer = self._asked(lambda: events.enqueue(event))
        if not answer.ok:
            _refuse(answer)
        return Sent(key, "PagerDuty has taken it")

    def _note(self, job: Job) -> Sent:
        page = self._page(job)
        rest, sender = self._read(), _sender(job)
        body: Mapping[str, Json] = {"note": {"content": _text(job)}}
        try:
            answer = rest.post(f"/incidents/{page}/notes", body, sender)
        except NoAnswer as error:
            raise (Unknown if error.reached else Later)(str(error)) from error
        if not answer.ok:
            _refuse(answer)
        try:
            return Sent(msgspec.json.decode(answer.body, type=_Added).note.id, "the note is there")
        except msgspec.MsgspecError:
            return Sent("", "the note is there")

    def _change(self, job: Job, change: Mapping[str, Json], said: str) -> Sent:
        page = self._page(job)
        rest, sender = self._read(), _sender(job)
        body: Mapping[str, Json] = {"incident": {"type": "incident_reference", **change}}
        answer = self._asked(lambda: rest.put(f"/incidents/{page}", body, sender))
        if not answer.ok:
            _refuse(answer)
        return Sent(page, said)

    def _page(self, job: Job) -> str:
        """PagerDuty's id of the page. Raises Later while there is none yet, Never where none comes."""
        if page := str(job.payload.get("page", "")):
            return page
        key = _of(job, "dedup_key")
        rest = self._read()
        for pause_s in LOOKS_S:
            time.sleep(pause_s)
            answer = self._asked(lambda: rest.get("/incidents", {"incident_key": key, **_NEWEST}))
            found = _read(answer, _Incidents).incidents
            if found:
                return found[0].id
        if job.attempts >= LOOKED_FOR_MOST:
            raise Never(
                f"PagerDuty has no incident {key}: see whether PAGERDUTY_ROUTING_KEY and PAGERDUTY_API_KEY"
                " are of one account"
            )
        raise Later(f"PagerDuty has no incident {key} yet", NOT_YET_S)

    def _priority(self, job: Job) -> Json:
        """The reference of the named priority. Raises Never where the account has none of that name."""
        name = _of(job, "priority")
        if name not in self._priorities:
            rest = self._read()
            found = _read(self._asked(lambda: rest.get("/priorities")), _Priorities).priorities
            self._priorities = {one.name or one.summary: one.id for one in found}
        if name not in self._priorities:
            known = ", ".join(self._priorities) or "none"
            raise Never(
                f"PagerDuty has no priority {name!r} (it has {known}): mend the plan's pager.priorities"
            )
        return {"id": self._priorities[name], "type": "priority_reference"}

    def _read(self) -> Rest:
        if self._rest is None:
            raise Never(NO_API_KEY)
        return self._rest

    def _asked(self, ask: Callable[[], Answer]) -> Answer:
        try:
            return ask()
        except NoAnswer as error:
            raise Later(str(error)) from error


def _trigger(payload: Mapping[str, Json]) -> Mapping[str, Json]:
    names = ("summary", "source", "severity", "component", "group", "class", "custom_details")
    event: dict[str, Json] = {"payload": {name: payload[name] for name in names if payload.get(name)}}
    if links := payload.get("links"):
        event["links"] = links
    return event


def _of(job: Job, name: str) -> str:
    """A text that the payload must hold. Raises Never."""
    text = str(job.payload.get(name, ""))
    if not text:
        raise Never(f"the job {job.key} names no {name}: nothing was sent")
    return text


def _text(job: Job) -> str:
    return _of(job, "text")


def _sender(job: Job) -> str:
    sender = str(job.payload.get("from", ""))
    if not sender:
        raise Never(NO_SENDER)
    return sender


def _refuse(answer: Answer) -> NoReturn:
    if answer.status == TOO_MANY or answer.status >= FAILED:
        raise Later(f"PagerDuty says: {answer.said}", answer.after_s)
    if answer.status in (401, 403):
        raise Never(f"PagerDuty refuses the key ({answer.status}): {answer.said}")
    raise Never(f"PagerDuty refuses it: {answer.said}")


def _read(answer: Answer, shape: type[_T]) -> _T:
    """The body by its shape. Raises as a refusal does; Later where it cannot be read."""
    if not answer.ok:
        _refuse(answer)
    try:
        return msgspec.json.decode(answer.body, type=shape)
    except msgspec.MsgspecError as error:
        raise Later("PagerDuty answers what cannot be read") from error
