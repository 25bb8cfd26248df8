"""The REST API's door: its headers, its shapes, and how it refuses."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from tests.real.pagerduty_account import Account, Incident

ACCEPT = "application/vnd.pagerduty+json;version=2"
STATUSES = ("triggered", "acknowledged", "resolved")
NOTE_CHARS = 25_000
Turn = tuple[str, int, "str | None", "str | None"]
_ONCALL_QUERY = {"schedule_ids[]", "include[]", "earliest", "limit"}
_INCIDENT_QUERY = {"incident_key", "limit", "sort_by", "statuses[]"}
_INCIDENT = re.compile(r"/incidents/(\w+)(/notes)?")
_USER = re.compile(r"/users/(\w+)")


class Reply(NamedTuple):
    status: int
    body: Any
    headers: dict[str, str] = {}  # noqa: RUF012 - read only


class RestApi:
    """`turns` are who is on call: (e-mail, level, start, end). `faults` is what was asked wrongly.

    `oncalls` replaces the answer of `GET /oncalls` where a test wants another; `has_priorities` is false for
    an account without priorities.
    """

    def __init__(self, account: Account, key: str) -> None:
        self._account = account
        self._key = key
        self.turns: list[Turn] = []
        self.asked: list[dict[str, list[str]]] = []
        self.faults: list[str] = []
        self.oncalls: Reply | None = None
        self.has_priorities = True
        self._left = 960

    def answer(
        self, method: str, path: str, query: dict[str, list[str]], headers: dict[str, str], body: Any
    ) -> Reply:
        if headers.get("authorization") != f"Token token={self._key}":
            return _wrong(401, "Unauthorized", 2006)
        if headers.get("accept") != ACCEPT:
            return self._fault(f"{path} accepts {headers.get('accept')}")
        self._left -= 1
        reply = self._routed(method, path, query, headers, body)
        limits = {"ratelimit-limit": "960", "ratelimit-remaining": str(self._left), "ratelimit-reset": "12"}
        return reply._replace(headers={**limits, **reply.headers})

    def _routed(
        self, method: str, path: str, query: dict[str, list[str]], headers: dict[str, str], body: Any
    ) -> Reply:
        if (method, path) == ("GET", "/oncalls"):
            return self._oncalls(query)
        if (method, path) == ("GET", "/priorities"):
            return self._priorities()
        if (method, path) == ("GET", "/incidents"):
            return self._listed(query)
        if method == "GET" and (user := _USER.fullmatch(path)):
            return self._user(user[1])
        found = _INCIDENT.fullmatch(path)
        incident = self._account.incidents.get(found[1]) if found else None
        if found is None or incident is None:
            return _wrong(404, "Not Found", 2100)
        if (method, found[2]) == ("GET", "/notes"):
            return Reply(200, {"notes": incident.notes})
        sender = headers.get("from", "")
        if sender not in self._account.users:
            return _wrong(400, "Requester User Not Found", 1008)
        if (method, found[2]) == ("POST", "/notes"):
            return self._noted(incident, body, sender)
        if (method, found[2]) == ("PUT", None):
            return self._changed(incident, body, sender)
        return _wrong(404, "Not Found", 2100)

    def _fault(self, said: str) -> Reply:
        self.faults.append(said)
        return _wrong(400, "Invalid Input Provided", 2001, [said])

    def _priorities(self) -> Reply:
        if not self.has_priorities:
            return _wrong(402, "Account does not have the priorities ability", 2012)
        listed = [
            {"id": id_, "type": "priority", "name": name} for name, id_ in self._account.priorities.items()
        ]
        return Reply(200, {"priorities": listed, "limit": 100, "offset": 0, "more": False, "total": None})

    def _listed(self, query: dict[str, list[str]]) -> Reply:
        if unknown := set(query) - _INCIDENT_QUERY:
            return self._fault(f"/incidents knows no {sorted(unknown)}")
        key = query.get("incident_key", [""])[0]
        found = [one for one in self._account.incidents.values() if not key or one.key == key]
        found.sort(key=lambda one: one.created_at, reverse=query.get("sort_by") == ["created_at:desc"])
        listed = [_shown(one) for one in found[: int(query.get("limit", ["25"])[0])]]
        return Reply(200, {"incidents": listed, "limit": 25, "offset": 0, "more": False, "total": None})

    def _user(self, user_id: str) -> Reply:
        for email, (known, name) in self._account.users.items():
            if known == user_id:
                return Reply(200, {"user": {"id": known, "type": "user", "name": name, "email": email}})
        return _wrong(404, "Not Found", 2100)

    def _noted(self, incident: Incident, body: Any, sender: str) -> Reply:
        note = body.get("note") if isinstance(body, dict) and set(body) == {"note"} else None
        if not isinstance(note, dict) or set(note) != {"content"} or not str(note["content"]).strip():
            return self._fault("note.content cannot be empty")
        if len(note["content"]) > NOTE_CHARS:
            return self._fault("note.content is too long")
        return Reply(200, {"note": self._account.note(incident, note["content"], sender)})

    def _changed(self, incident: Incident, body: Any, sender: str) -> Reply:
        change = body.get("incident") if isinstance(body, dict) and set(body) == {"incident"} else None
        if not isinstance(change, dict) or change.get("type") not in ("incident", "incident_reference"):
            return self._fault("incident.type is missing")
        if unknown := set(change) - {"type", "status", "priority", "title", "urgency", "escalation_level"}:
            return self._fault(f"incident knows no {sorted(unknown)}")
        agent = self._account.user(sender)
        if "status" in change:
            if change["status"] not in STATUSES:
                return self._fault("incident.status is invalid")
            if incident.status == "resolved" and change["status"] != "triggered":
                return _wrong(400, "Invalid Input Provided", 2001, ["Incident Already Resolved"])
            self._account.change(incident, change["status"], agent)
        if "priority" in change:
            named = {id_: name for name, id_ in self._account.priorities.items()}
            given = change["priority"]
            if given.get("type") != "priority_reference" or given.get("id") not in named:
                return self._fault("incident.priority is invalid")
            self._account.prioritize(incident, named[given["id"]], agent)
        return Reply(200, {"incident": _shown(incident)})

    def _oncalls(self, query: dict[str, list[str]]) -> Reply:
        self.asked.append(query)
        if unknown := set(query) - _ONCALL_QUERY:
            return self._fault(f"/oncalls knows no {sorted(unknown)}")
        if self.oncalls is not None:
            return self.oncalls
        with_users = "users" in query.get("include[]", [])
        listed = [_oncall(number, turn, with_users) for number, turn in enumerate(self.turns)]
        return Reply(200, {"oncalls": listed, "limit": 100, "offset": 0, "more": False, "total": None})


def _shown(incident: Incident) -> dict[str, Any]:
    return {
        "id": incident.id,
        "type": "incident",
        "incident_number": incident.number,
        "title": incident.title,
        "status": incident.status,
        "incident_key": incident.key,
        "created_at": incident.created_at,
        "priority": incident.priority,
        "assignments": [],
    }


def _oncall(number: int, turn: Turn, with_users: bool) -> dict[str, Any]:
    email, level, start, end = turn
    user = {"id": f"PU{number}", "type": "user_reference", "summary": email.split("@")[0]}
    if with_users:
        user |= {"type": "user", "name": user["summary"], "email": email, "time_zone": "UTC"}
    return {
        "user": user,
        "schedule": {"id": "PI7DH85", "type": "schedule_reference", "summary": "Daily"},
        "escalation_policy": {"id": "PT20YPA", "type": "escalation_policy_reference", "summary": "All"},
        "escalation_level": level,
        "start": start,
        "end": end,
    }


def _wrong(status: int, message: str, code: int, errors: list[str] | None = None) -> Reply:
    return Reply(status, {"error": {"message": message, "code": code, "errors": errors or []}})
