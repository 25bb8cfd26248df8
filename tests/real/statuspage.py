"""Statuspage's API (v1) as it is published, strict, with its page; a real one costs money and is public.

with status_page() as page:
    environment = page.environment          # what drbot needs
    page.incidents[0]["incident_updates"]   # newest first, as the API tells them
    page.faults.next("cut", after=True)     # see tests.real.outside
    page.limit(2, 60.0)                     # two requests a minute
"""

from __future__ import annotations

import contextlib
import json
import re
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from tests.real.outside import Faults, Reply, Request, served
from tests.real.statuspage_rules import faulty
from tests.real.statuspage_sight import html

KEY, PAGE_ID = "local-token", "ftgks51sfs2d"
COMPONENTS = {"8kbf7d35c070": "API", "db0d6ad0b3cd": "Database", "c2fp1xkh0mzq": "Booking"}
_INCIDENT = re.compile(r"/v1/pages/([^/]+)/incidents/([^/]+)")
_LIST = re.compile(r"/v1/pages/([^/]+)/(incidents|components)")


class StatusPage:
    """One page with its incidents (newest first) and components, and what was asked of it."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._times: deque[float] = deque()
        self._limit = (60, 60.0)
        self.faults = Faults()
        self.url = ""
        self.requests: list[tuple[str, str]] = []
        self.taken: list[str] = []  # every text, in the order in which it came
        self.incidents: list[dict[str, Any]] = []
        self.components: list[dict[str, Any]] = [
            {"id": one, "page_id": PAGE_ID, "name": name, "status": "operational", "group": False,
             "group_id": None, "description": None, "position": place, "showcase": True,
             "only_show_if_degraded": False, "automation_email": None, "start_date": None,
             "created_at": self._now(), "updated_at": self._now()}
            for place, (one, name) in enumerate(COMPONENTS.items(), 1)
        ]  # fmt: skip

    @property
    def environment(self) -> dict[str, str]:
        return {
            "STATUSPAGE_API_KEY": KEY,
            "STATUSPAGE_PAGE_ID": PAGE_ID,
            "DR_STATUSPAGE_API_URL": f"{self.url}/v1",
        }

    def limit(self, requests: int, window_s: float) -> None:
        """So many requests in any such window; above it 420."""
        self._limit = (requests, window_s)

    def texts(self) -> list[tuple[str, str]]:
        """(status, text) of every update on the page, the oldest first."""
        told = [one for entry in reversed(self.incidents) for one in reversed(entry["incident_updates"])]
        return [(one["status"], one["body"]) for one in told]

    def answer(self, request: Request) -> Reply:
        if request.path == "/":
            return Reply(200, html(self.incidents, self.components).encode(), "text/html; charset=utf-8")
        with self._lock:
            self.requests.append((request.method, request.path))
            return self._answer(request)

    def _answer(self, request: Request) -> Reply:
        if request.headers.get("authorization") != f"OAuth {KEY}":
            return _json(401, {"error": "Could not authenticate"})
        if not self._in_time():
            return _json(420, {"error": "Too many requests"}, **{"Retry-After": "7"})
        if hit := _LIST.fullmatch(request.path):
            page, kind = hit.groups()
            if page == PAGE_ID and request.method == "GET":
                return self._listed(kind, request)
            if page == PAGE_ID and (request.method, kind) == ("POST", "incidents"):
                return self._create(request)
        elif (hit := _INCIDENT.fullmatch(request.path)) and hit[1] == PAGE_ID:
            return self._one(hit[2], request)
        return _json(404, {"error": "Not Found"})

    def _in_time(self) -> bool:
        most, window_s = self._limit
        now_s = time.monotonic()
        while self._times and now_s - self._times[0] >= window_s:
            self._times.popleft()
        if len(self._times) >= most:
            return False
        self._times.append(now_s)
        return True

    def _listed(self, kind: str, request: Request) -> Reply:
        rows = self.incidents if kind == "incidents" else self.components
        size = int(request.query.get("limit" if kind == "incidents" else "per_page", "100"))
        first = (int(request.query.get("page", "1")) - 1) * min(size, 100)
        return _json(200, rows[first : first + min(size, 100)])

    def _one(self, incident: str, request: Request) -> Reply:
        if incident == "unresolved" and request.method == "GET":
            return _json(200, [one for one in self.incidents if one["resolved_at"] is None][:100])
        found = next((one for one in self.incidents if one["id"] == incident), None)
        if found is None or request.method not in ("GET", "PATCH", "PUT"):
            return _json(404, {"error": "Not Found"})
        return _json(200, found) if request.method == "GET" else self._update(found, request)

    def _create(self, request: Request) -> Reply:
        asked, refusal = faulty(request, new=True, known={one["id"] for one in self.components})
        if refusal is not None:
            return refusal
        name = secrets.token_hex(6)
        entry: dict[str, Any] = {
            "id": name, "page_id": PAGE_ID, "name": asked["name"], "status": "investigating",
            "impact": "none", "impact_override": None, "metadata": {}, "components": [],
            "incident_updates": [], "created_at": self._now(), "updated_at": self._now(),
            "monitoring_at": None, "resolved_at": None, "shortlink": f"{self.url}/#{name}",
            "postmortem_body": None, "scheduled_for": None, "scheduled_until": None,
        }  # fmt: skip
        self.incidents.insert(0, entry)
        self._tell(entry, asked)
        return _json(201, entry)

    def _update(self, entry: dict[str, Any], request: Request) -> Reply:
        asked, refusal = faulty(request, new=False, known={one["id"] for one in self.components})
        if refusal is not None:
            return refusal
        self._tell(entry, asked)
        return _json(200, entry)

    def _tell(self, entry: dict[str, Any], asked: dict[str, Any]) -> None:
        now = self._now()
        entry.update({name: asked[name] for name in ("name", "status", "metadata") if name in asked})
        entry["updated_at"] = now
        if "impact_override" in asked:
            entry["impact"] = entry["impact_override"] = asked["impact_override"]
        entry["resolved_at"] = now if entry["status"] == "resolved" else None
        affected = [self._set(one, status) for one, status in asked.get("components", {}).items()]
        linked = asked.get("component_ids", [one["id"] for one in entry["components"]])
        entry["components"] = [one for one in self.components if one["id"] in linked]
        if "body" in asked or "status" in asked:
            self.taken.append(asked.get("body", ""))
            entry["incident_updates"].insert(
                0,
                {"id": secrets.token_hex(6), "incident_id": entry["id"], "status": entry["status"],
                 "body": asked.get("body", ""), "affected_components": affected, "created_at": now,
                 "display_at": now, "updated_at": now,
                 "deliver_notifications": asked.get("deliver_notifications", True)},
            )  # fmt: skip

    def _set(self, component: str, status: str) -> dict[str, str]:
        row = next(one for one in self.components if one["id"] == component)
        old, row["status"], row["updated_at"] = row["status"], status, self._now()
        return {"code": component, "name": row["name"], "old_status": old, "new_status": status}

    def _now(self) -> str:
        return self._clock().isoformat(timespec="milliseconds").replace("+00:00", "Z")


@contextlib.contextmanager
def status_page(clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Iterator[StatusPage]:
    """An empty page with three rows, all operational, while the block runs."""
    page = StatusPage(clock)
    with served(page.answer, page.faults) as url:
        page.url = url
        yield page


def _json(status: int, said: object, **headers: str) -> Reply:
    return Reply(status, json.dumps(said).encode(), headers=headers)
