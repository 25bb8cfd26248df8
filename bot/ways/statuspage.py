"""The status page (statuspage.io, API v1): an incident's one entry there, made once and then updated.

Source: the published OpenAPI of Statuspage 1.0.0. One request a second is what it allows a key.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import quote

import msgspec

from bot.domain.outbound import Job, Later, Never, Sent, Unknown, Way
from bot.ways.asking import READ_S, Answer, NotSent, Unheard, ask
from bot.ways.statuspage_wire import Component, Incident, Text, creation, said_by, update

API = "https://api.statuspage.io/v1"
KEY, PAGE, ADDRESS = "STATUSPAGE_API_KEY", "STATUSPAGE_PAGE_ID", "DR_STATUSPAGE_API_URL"
EVERY_S = 1.0
WINDOW_S = 60.0
TITLE_LETTERS, TEXT_LETTERS = 255, 25_000
PER_PAGE, PAGES = 100, 5
LIMITED = (420, 429)
# the page's clock may be behind ours by as much
SKEW = timedelta(minutes=5)
HINTS = {401: f"check {KEY}", 403: f"check {KEY}", 404: f"check {PAGE}, and whether the entry is still there"}
T = TypeVar("T")


class StatusPage:
    """Sends `create` and `update` as `bot.outbound.jobs.status_page` words them.

    Each marks the entry with the job's key and time, so that `find` knows it again. A request may wait for
    its turn, a second at most; safe from several threads.
    """

    way = Way.STATUS_PAGE

    def __init__(
        self,
        environment: Mapping[str, str],
        now_s: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
        read_s: float = READ_S,
    ) -> None:
        self._key, self._page = environment.get(KEY, ""), environment.get(PAGE, "")
        self._api = (environment.get(ADDRESS, "") or API).rstrip("/")
        self._now_s, self._pause, self._read_s = now_s, pause, read_s
        self._turn = threading.Lock()
        self._free_at_s = float("-inf")

    def send(self, job: Job, remote: str) -> Sent:
        """Make the entry, or add the text to it. Not safe to repeat: ask `find` first."""
        self._configured()
        text = _text_of(job)
        if job.action == "create":
            method, path, body = "POST", "incidents", creation(text, job)
        elif job.action != "update":
            raise Never(f"the status page knows no {job.action!r}")
        elif not remote:
            raise Never("the incident has no entry on the status page to add it to: it is created first")
        else:
            method, path = "PATCH", f"incidents/{quote(remote, safe='')}"
            body = update(text, job)
        try:
            answer = self._ask(method, path, body)
        except NotSent as error:
            raise Later(f"the status page was not told: {error}") from error
        except Unheard as error:
            raise Unknown(f"the status page may have taken it: {error}") from error
        return self._taken(answer)

    def find(self, job: Job, remote: str) -> Sent | None:
        """Whether the page shows it: known by its mark, an update also by its text."""
        try:
            self._configured()
        except Never as error:
            raise Later(f"whether the status page took it cannot be asked: {error}") from error
        if job.action == "update" and remote:
            entry = self._look(f"incidents/{quote(remote, safe='')}", Incident)
            ours = entry is not None and (entry.keeps(job) or _says(entry, job))
            return _sent(entry) if entry is not None and ours else None
        for path in ("incidents/unresolved", f"incidents?limit={PER_PAGE}"):
            for entry in self._look(path, list[Incident]) or ():
                if entry.keeps(job):
                    return _sent(entry)
        return None

    def components(self) -> tuple[Component, ...]:
        """The page's rows, at most 500, groups left out. Raises Later or Never."""
        self._configured()
        found: list[Component] = []
        for number in range(1, PAGES + 1):
            read = self._look(f"components?per_page={PER_PAGE}&page={number}", list[Component])
            if read is None:
                raise Never(f"the status page is not there (404); {HINTS[404]}")
            found += (one for one in read if not one.group)
            if len(read) < PER_PAGE:
                break
        return tuple(found)

    def _configured(self) -> None:
        missing = [name for name, value in ((KEY, self._key), (PAGE, self._page)) if not value]
        if missing:
            said = f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set"
            raise Never(f"{said}; set {'it' if len(missing) == 1 else 'them'} and start drbot again")
        if not self._api.startswith(("https://", "http://")):
            raise Never(f"{ADDRESS} holds no address; write {API}")
        if not (self._key.isascii() and self._key.isprintable()):
            raise Never(f"{KEY} holds what no key holds; copy it again")

    def _ask(self, method: str, path: str, send: Mapping[str, object] | None = None) -> Answer:
        with self._turn:
            self._pause(max(0.0, self._free_at_s - self._now_s()))
            self._free_at_s = self._now_s() + EVERY_S
        url = f"{self._api}/pages/{quote(self._page, safe='')}/{path}"
        return ask(method, url, f"OAuth {self._key}", send, self._read_s)

    def _taken(self, answer: Answer) -> Sent:
        if answer.status in LIMITED:
            raise _limited(answer)
        if answer.status >= 500:
            raise Unknown(f"the status page answered {answer.status}: it may have taken it")
        if not answer.ok:
            raise self._refused(answer)
        try:
            return _sent(msgspec.json.decode(answer.body, type=Incident))
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise Unknown("the status page took it, and its answer cannot be read") from error

    def _look(self, path: str, shape: type[T]) -> T | None:
        """What is there, None where nothing is (404). Raises Later."""
        try:
            answer = self._ask("GET", path)
        except (NotSent, Unheard) as error:
            raise Later(f"the status page cannot be looked at: {error}") from error
        if answer.status in LIMITED:
            raise _limited(answer)
        if answer.status == 404:
            return None
        if not answer.ok:
            raise Later(f"the status page cannot be looked at: {self._refused(answer)}")
        try:
            return msgspec.json.decode(answer.body, type=shape)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise Later("the status page answers what cannot be read") from error

    def _refused(self, answer: Answer) -> Never:
        if answer.status < 400:
            return Never(f"it answers {answer.status}, not as the API does: check {ADDRESS}")
        words = said_by(answer.body).replace(self._key, "[key]")
        hint = HINTS.get(answer.status, "")
        said = f"it answers {answer.status}" + (f" ({words})" if words else "")
        return Never(f"the status page refuses it: {said}" + (f"; {hint}" if hint else ""))


def _text_of(job: Job) -> Text:
    """The payload, within the page's limits: an approved text is never cut. Raises Never."""
    try:
        text = msgspec.convert(job.payload, Text)
    except msgspec.ValidationError as error:
        raise Never(f"the job's payload cannot be read: {error}") from error
    for what, written, limit in (("title", text.title, TITLE_LETTERS), ("text", text.text, TEXT_LETTERS)):
        if len(written) > limit:
            said = f"the {what} has {len(written):,} letters, the status page takes {limit:,}"
            raise Never(f"{said}; shorten it")
    return text


def _says(entry: Incident, job: Job) -> bool:
    """Whether an update since the job was asked for has its words, should the mark have been dropped."""
    asked = datetime.fromisoformat(job.created_at) - SKEW if job.created_at else None
    return any(
        (one.body, one.status) == (job.payload.get("text"), job.payload.get("status"))
        and (asked is None or one.created_at is None or one.created_at >= asked)
        for one in entry.incident_updates
    )


def _sent(entry: Incident) -> Sent:
    return Sent(
        entry.id, f"on the status page: {entry.shortlink}" if entry.shortlink else "on the status page"
    )


def _limited(answer: Answer) -> Later:
    said = f"the status page takes no more requests for now ({answer.status})"
    return Later(said, answer.retry_after_s or WINDOW_S)
