"""A way whose setting is missing: whatever it is given is refused, naming what to set."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.outbound import Job, Never, Sent, Unknown, Way


@dataclass(frozen=True)
class Unset:
    """Sends nothing. `what` says what is not done: "no mail was sent"."""

    way: Way
    setting: str
    what: str

    def send(self, job: Job, remote: str) -> Sent:
        """Raises Never."""
        del job, remote
        raise Never(f"{self.setting} is not set: {self.what}")

    def find(self, job: Job, remote: str) -> Sent | None:
        """Raises Unknown: what was begun while it was set cannot be looked for."""
        del job, remote
        raise Unknown(f"{self.setting} is not set any more, so drbot cannot look whether it arrived")
