"""node_exporter's samples as one server's disks, memory and load."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from actions.failures import Refused

Readings: TypeAlias = Mapping[str, Sequence[tuple[Mapping[str, str], float]]]
WANTED = (
    "node_boot_time_seconds",
    "node_cpu_seconds_total",
    "node_filesystem_avail_bytes",
    "node_filesystem_files",
    "node_filesystem_files_free",
    "node_filesystem_readonly",
    "node_filesystem_size_bytes",
    "node_load1",
    "node_load5",
    "node_load15",
    "node_memory_MemAvailable_bytes",
    "node_memory_MemTotal_bytes",
    "node_memory_SwapFree_bytes",
    "node_memory_SwapTotal_bytes",
    "node_time_seconds",
)
_NOT_DISKS = {
    "autofs", "cgroup2fs", "devtmpfs", "efivarfs", "iso9660", "nsfs", "proc", "ramfs", "rpc_pipefs",
    "squashfs", "sysfs", "tmpfs",
}  # fmt: skip
DISKS_MOST = 50


@dataclass(frozen=True)
class Disk:
    """One filesystem. `free` is what programs may still write; shares: 0 to 1; `full_in_s` may be unknown."""

    mount: str
    device: str
    size_bytes: float
    free_bytes: float
    files_free_share: float
    readonly: bool
    full_in_s: float | None = None

    @property
    def free_share(self) -> float:
        return self.free_bytes / self.size_bytes if self.size_bytes else 0.0


@dataclass(frozen=True)
class HostSeen:
    """One server at one moment. Memory 0 of 0 where it does not say; loads are the kernel's three."""

    name: str
    disks: tuple[Disk, ...]
    memory_bytes: float
    available_bytes: float
    swap_bytes: float
    swap_free_bytes: float
    cores: int
    loads: tuple[float, float, float]
    up_s: float

    @property
    def available_share(self) -> float:
        return self.available_bytes / self.memory_bytes if self.memory_bytes else 1.0

    @property
    def load_a_core(self) -> float:
        """The load of the last five minutes on each core; 1 keeps every core busy."""
        return self.loads[1] / max(1, self.cores)


def read(name: str, readings: Readings) -> HostSeen:
    """See HostSeen. Raises Refused where no sample is node_exporter's."""
    if not readings.get("node_load1") and not readings.get("node_filesystem_size_bytes"):
        raise Refused(f"what answers for {name} tells neither load nor disks: it is no node_exporter")
    boot, now = _one(readings, "node_boot_time_seconds"), _one(readings, "node_time_seconds")
    return HostSeen(
        name=name,
        disks=_disks(readings),
        memory_bytes=_one(readings, "node_memory_MemTotal_bytes"),
        available_bytes=_one(readings, "node_memory_MemAvailable_bytes"),
        swap_bytes=_one(readings, "node_memory_SwapTotal_bytes"),
        swap_free_bytes=_one(readings, "node_memory_SwapFree_bytes"),
        cores=len({labels.get("cpu", "") for labels, _ in readings.get("node_cpu_seconds_total", ())}),
        loads=(
            _one(readings, "node_load1"),
            _one(readings, "node_load5"),
            _one(readings, "node_load15"),
        ),
        up_s=max(0.0, now - boot) if boot and now else 0.0,
    )


def _one(readings: Readings, name: str) -> float:
    value = next((value for _, value in readings.get(name, ())), 0.0)
    return value if math.isfinite(value) else 0.0


def _disks(readings: Readings) -> tuple[Disk, ...]:
    """Real filesystems, each device once by its shortest mount: the same disk may be mounted often."""
    free = _by_mount(readings, "node_filesystem_avail_bytes")
    files, files_free = (
        _by_mount(readings, "node_filesystem_files"),
        _by_mount(readings, "node_filesystem_files_free"),
    )
    readonly = _by_mount(readings, "node_filesystem_readonly")
    found: dict[str, Disk] = {}
    for labels, size_bytes in readings.get("node_filesystem_size_bytes", ()):
        mount, device = labels.get("mountpoint", "?"), labels.get("device", "?")
        if not _is_disk(labels, size_bytes):
            continue
        disk = Disk(
            mount,
            device,
            size_bytes,
            max(0.0, free.get(mount, 0.0)),
            files_free.get(mount, 0.0) / files[mount] if files.get(mount) else 1.0,
            readonly.get(mount, 0.0) == 1.0,
        )
        if device not in found or len(mount) < len(found[device].mount):
            found[device] = disk
    return tuple(sorted(found.values(), key=lambda disk: disk.mount))[:DISKS_MOST]


def _is_disk(labels: Mapping[str, str], size_bytes: float) -> bool:
    kind = labels.get("fstype", "")
    layered = kind in ("overlay", "aufs") and labels.get("mountpoint") != "/"  # a container's, not the host's
    return size_bytes > 0 and math.isfinite(size_bytes) and kind not in _NOT_DISKS and not layered


def _by_mount(readings: Readings, name: str) -> dict[str, float]:
    return {
        labels.get("mountpoint", "?"): value
        for labels, value in readings.get(name, ())
        if math.isfinite(value)
    }
