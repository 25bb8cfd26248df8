"""Faults on demand, and a count of calls: how a test asks what the bot does when Slack misbehaves."""

from collections import Counter
from dataclasses import dataclass


@dataclass
class Fault:
    """Answer `method` with `error` the next `times` times; `ratelimited` is a 429 with `retry_after_s`."""

    method: str
    error: str
    times: int
    retry_after_s: int = 1


class Faults:
    """What is broken right now, and how often each method was called."""

    def __init__(self) -> None:
        self.down = False
        self.calls: Counter[str] = Counter()
        self._faults: list[Fault] = []

    def plan(self, fault: Fault) -> None:
        """Queue a fault; faults of one method happen in the order they were planned."""
        self._faults.append(fault)

    def strike(self, method: str) -> Fault | None:
        """Count the call and say which fault, if any, it meets."""
        self.calls[method] += 1
        for fault in self._faults:
            if fault.method == method and fault.times > 0:
                fault.times -= 1
                return fault
        return None
