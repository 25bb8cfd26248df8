"""A way whose setting is missing or cannot be read: whatever it is given is refused, naming what to set."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.outbound import Job, Never, Sent, Unknown, Way


@dataclass(frozen=True)
class Unset:
    """Sends nothing. `what` is not done ("no mail was sent"); `why` is what is wrong with the setting."""

    way: Way
    setting: str
    what: str
    why: str = "is not set"

    def send(self, job: Job, remote: str) -> Sent:
        """Raises Never."""
        del job, remote
        raise Never(f"{self.setting} {self.why}: {self.what}")

    def find(self, job: Job, remote: str) -> Sent | None:
        """Raises Unknown: what was begun while it was set cannot be looked for."""
        del job, remote
        raise Unknown(f"{self.setting} {self.why}, so drbot cannot look whether it arrived")
