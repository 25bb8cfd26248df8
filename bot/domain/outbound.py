"""What goes outside: one job of one way (a page, mail, status page, post), asked for once and kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from bot.domain.entry import Json


class Way(Enum):
    """Over what somebody outside is reached."""

    PAGERDUTY = "pagerduty"
    MAIL = "mail"
    STATUS_PAGE = "statuspage"
    SOCIAL = "social"


class JobState(Enum):
    """WAITING to be tried (again); SENDING: begun, and its end is not stored; UNSURE: a person must look."""

    WAITING = "waiting"
    SENDING = "sending"
    DONE = "done"
    REFUSED = "refused"
    UNSURE = "unsure"

    @property
    def ended(self) -> bool:
        return self not in (JobState.WAITING, JobState.SENDING)


@dataclass(frozen=True)
class NewJob:
    """What a use case asks to be sent.

    `key` is its identity (`page:7:1:trigger`): asked for again, nothing happens. `thread` names what goes in
    order and shares one thing at the other end (`pagerduty:7`); `action` is the way's own word (`trigger`,
    `create`, `update`, `send`); `payload` is JSON that the way reads; `about` says in a few words what it is
    ("page to Ana Souza"), for the timeline and for whoever must be told that it did not work.
    """

    key: str
    way: Way
    thread: str
    action: str
    about: str
    payload: Mapping[str, Json]
    incident: int | None = None


@dataclass(frozen=True)
class Job:
    """A job as it stands. `remote` is the other end's id; `said` its answer or why it has not worked.

    Times are ISO 8601 UTC, empty while they have not come.
    """

    key: str
    way: Way
    thread: str
    action: str
    about: str
    payload: Mapping[str, Json]
    incident: int | None
    state: JobState
    attempts: int = 0
    retry_at: str = ""
    remote: str = ""
    said: str = ""
    created_at: str = ""
    done_at: str = ""


@dataclass(frozen=True)
class Sent:
    """The other end has taken it: its id there (empty where it gives none), and its answer in words."""

    remote: str = ""
    said: str = ""


class Later(Exception):
    """Nothing was taken, for certain: try again, after `after_s` where the other end named a time."""

    def __init__(self, said: str, after_s: float = 0.0) -> None:
        super().__init__(said)
        self.after_s = after_s


class Never(Exception):
    """It will not be taken however often it is tried; the words say why and what to mend."""


class Unknown(Exception):
    """It may have been taken: no answer came. It is looked for before it is sent again."""


class Sender(Protocol):
    """One way out. Quick (a few seconds), never retries by itself, no state between calls.

    `remote` is the id that the thread's first delivered job was given, '' where there is none yet.
    """

    @property
    def way(self) -> Way: ...

    def send(self, job: Job, remote: str) -> Sent:
        """Deliver it. Raises Later, Never or Unknown."""
        ...

    def find(self, job: Job, remote: str) -> Sent | None:
        """Whether a job in doubt was taken: how, or None where it was not.

        Raises Later where that cannot be asked now, Unknown where this way can never tell.
        """
        ...
