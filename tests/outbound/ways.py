"""The ways out, each with a real other end: what goes through the contract and through an hour's outage.

A way joins by one line in `WAYS`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Literal, Protocol

from bot.domain.outbound import NewJob, Sender
from bot.outbound.jobs import mail
from bot.ways.mail import Mail
from tests.outbound.fake import FakeEnd
from tests.outbound.pagerduty_end import pagerduty_end
from tests.real.mail import Failure, MailServer, real_mail
from tests.ways.ends import social_end, status_page_end

Trouble = Literal["busy", "refuse", "cut"]
"""Of the next thing sent: not now (429, 450), never (4xx, 550), or taken without an answer."""
Mark = tuple[int, int]
"""Which thread, and which of its jobs: a job carries it to the other end in its words."""


class OtherEnd(Protocol):
    """A real other end of one way.

    `tells`: whether `find` can say what was taken; None where it leaves that to a person. `incident` of a job
    is None, or the thread's number.
    """

    @property
    def sender(self) -> Sender: ...

    @property
    def tells(self) -> bool | None: ...

    def job(self, thread: int, number: int) -> NewJob:
        """The number-th job (from 1) of a thread; the first of a thread makes what the others change."""
        ...

    def taken(self) -> list[Mark]:
        """What it took, in the order in which it came, twice where it came twice."""
        ...

    def fail(self, trouble: Trouble) -> None:
        """The next thing sent fails so."""
        ...

    def down(self) -> None:
        """Answer nobody."""
        ...

    def up(self) -> None: ...


class MailEnd:
    """Letters to one person; those of a thread wait for each other here, which letters do not otherwise."""

    tells: bool | None = False
    _FAILURES: Mapping[Trouble, Failure] = {"busy": "busy", "refuse": "refuse", "cut": "drop-after"}

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self.sender: Sender = Mail(server.url, "drbot@salon.example")
        self.up, self.down = server.up, server.down

    def job(self, thread: int, number: int) -> NewJob:
        key = f"letter:{thread}:{number}"
        letter = mail(
            key, ["ana@example.org"], f"Letter {thread} {number}", "Hello.\n", "letter to Ana", thread
        )
        return replace(letter, thread=f"mail:{thread}")

    def taken(self) -> list[Mark]:
        words = [subject.split() for subject in self._server.subjects]
        return [(int(thread), int(number)) for _, thread, number in words]

    def fail(self, trouble: Trouble) -> None:
        self._server.behaviour.failures.append(self._FAILURES[trouble])


@contextlib.contextmanager
def mail_end() -> Iterator[OtherEnd]:
    with real_mail() as server:
        yield MailEnd(server)


@contextlib.contextmanager
def fake_end() -> Iterator[OtherEnd]:
    yield FakeEnd()


WAYS: Mapping[str, Callable[[], AbstractContextManager[OtherEnd]]] = {
    "fake": fake_end,
    "mail": mail_end,
    "pagerduty": pagerduty_end,
    "status page": status_page_end,
    "social": social_end,
}
