"""What is alarming about a server's numbers, in sentences with a weight, and what would help."""

from __future__ import annotations

from dataclasses import dataclass

from actions.amounts import share_text, size_text, span_text
from actions.tools.monitors.host_numbers import Disk, HostSeen

LITTLE_DISK = 0.15
LITTLE_FILES = 0.10
SOON_FULL_S = 24 * 3600.0
LITTLE_MEMORY = 0.10
MUCH_SWAP = 0.5
BUSY_A_CORE = 1.5
LOGS = "old logs under /var/log/belezza/ and unused images (docker image ls) are the first to go"


@dataclass(frozen=True)
class Finding:
    """`weight` from 0 to 1, the worst 1; `helps` is what a person could do, '' where nothing is known."""

    weight: float
    said: str
    helps: str


def findings(seen: HostSeen, environment: str) -> tuple[Finding, ...]:
    """Every alarming thing about one server, worst first."""
    found = [one for disk in seen.disks for one in _of_disk(seen.name, disk)]
    usage = f"`run look-at-usage environment={environment}` shows which container uses it"
    if seen.memory_bytes and seen.available_share < LITTLE_MEMORY:
        said = f"{seen.name}: {size_text(seen.available_bytes)} of memory available"
        found.append(
            Finding(1.0 - seen.available_share, f"{said} ({share_text(seen.available_share)})", usage)
        )
    swapped = 1.0 - seen.swap_free_bytes / seen.swap_bytes if seen.swap_bytes else 0.0
    if swapped > MUCH_SWAP:
        found.append(Finding(0.7, f"{seen.name}: {share_text(swapped)} of its swap is in use", usage))
    if seen.cores and seen.load_a_core > BUSY_A_CORE:
        said = f"{seen.name}: load {seen.loads[1]:.1f} on {seen.cores} cores over the last five minutes"
        found.append(Finding(min(1.0, 0.6 + seen.load_a_core / 20), said, usage))
    return tuple(sorted(found, key=lambda one: -one.weight))


def _of_disk(name: str, disk: Disk) -> list[Finding]:
    where = f"{name}: the disk at {disk.mount[:80]}"
    found = []
    soon = disk.full_in_s is not None and disk.full_in_s < SOON_FULL_S
    if disk.free_share < LITTLE_DISK or soon:
        end = f", full in about {span_text(disk.full_in_s)}" if disk.full_in_s is not None else ""
        said = f"{where} has {share_text(disk.free_share)} free ({size_text(disk.free_bytes)}){end}"
        found.append(Finding(max(1.0 - disk.free_share, _urgency(disk.full_in_s)), said, LOGS))
    if disk.files_free_share < LITTLE_FILES:
        said = f"{where} has {share_text(disk.files_free_share)} of its inodes free"
        found.append(
            Finding(1.0 - disk.files_free_share, said, "many small files: look under /tmp and the logs")
        )
    if disk.readonly:
        said = f"{where} is mounted read-only"
        found.append(Finding(0.95, said, "a disk turns read-only on errors: look at dmesg before a remount"))
    return found


def _urgency(full_in_s: float | None) -> float:
    """1 for a disk that is full now, 0.5 for one that is so in a day, 0 where nobody can tell."""
    if full_in_s is None or full_in_s >= SOON_FULL_S:
        return 0.0
    return 1.0 - full_in_s / SOON_FULL_S / 2
