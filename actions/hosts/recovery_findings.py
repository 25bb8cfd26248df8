"""What the preflight of a fresh host judges of what it was told; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from actions.amounts import size_text, span_text
from actions.backups.choice import Backup, Proof
from actions.certificates.findings import findings
from actions.plan import Evidence, Light
from actions.tools.aws.certificates import AcmCertificate, Certificates
from actions.tools.containers.host_engine import EngineSeen
from actions.tools.containers.images import Remote

ROOM_FACTOR = 1.3
OLD_AFTER = timedelta(hours=26)
"""A day and two hours: the daily backup of section 2.1, and time to make it."""


@dataclass(frozen=True)
class Room:
    """What the host must hold: the restored database and what loading it takes beside."""

    database_bytes: int

    @property
    def needed_bytes(self) -> int:
        return round(self.database_bytes * ROOM_FACTOR)


def judge_engine(seen: EngineSeen) -> Evidence:
    """It answers; a host with containers on it is not fresh, and is told so."""
    fresh = "nothing is on it" if not seen.containers else f"{seen.containers} containers are on it already"
    free = f", {size_text(seen.free_bytes)} free" if seen.free_bytes is not None else ", free disk not known"
    light: Light = "green" if seen.free_bytes is not None else "amber"
    return Evidence(
        f"Docker {seen.version} answered on {seen.system}{free}; {fresh}",
        {
            "cores and memory": f"{seen.cores}, {size_text(seen.memory_bytes)}",
            "images": str(seen.images),
            "folder": seen.root,
        },
        light,
    )


def judge_address(
    record: str, resolved: Sequence[str], own: Sequence[str], targets: Mapping[str, str]
) -> Evidence:
    """Whether customers who ask for the name come to this host, as far as that can be known from here."""
    values = {"this host": ", ".join(own)[:300] or "unknown", "resolves to": ", ".join(resolved) or "nothing"}
    if not resolved:
        return Evidence(f"{record} resolves to nothing: customers find no host at all", values, "red")
    if set(resolved) & set(own):
        return Evidence(f"{record} resolves to this host ({resolved[0]})", values, "green")
    known = next((name for name, address in targets.items() if address in resolved), "")
    what = f"the plan's {known}" if known else "an address that the plan does not name"
    said = f"{record} resolves to {resolved[0]}, {what}; this host has {', '.join(own[:3]) or 'none known'}"
    return Evidence(
        f"{said}: right only where that address is moved or forwarded to it, else fail over or change it",
        values,
        "amber",
    )


def judge_certificates(tool: Certificates, kept: Sequence[AcmCertificate], now: datetime) -> Evidence:
    """Whether ACM keeps a certificate for each domain that will be good when the host serves."""
    if not tool.domains:
        return Evidence(
            "the plan names no domain in ACM, so whether certificates are there cannot be known from here:"
            " see that they are where Nginx reads them",
            light="amber",
        )
    found = findings(tool, kept, (), now)
    values = {str(number): f"{one.said}; {one.helps}" for number, one in enumerate(found[:20], 1)}
    lacking = [name for name in tool.domains if not any(_good(one, name, now) for one in kept)]
    if lacking:
        return Evidence(f"ACM has no good certificate for {', '.join(lacking[:5])}", values, "red")
    if found:
        return Evidence(found[0].said, values, "amber")
    return Evidence(f"ACM has a good certificate for {', '.join(tool.domains[:5])}", values, "green")


def _good(one: AcmCertificate, domain: str, now: datetime) -> bool:
    lasts = one.not_after is not None and one.not_after > now
    return one.covers(domain) and one.status == "ISSUED" and lasts


def judge_images(standings: Mapping[str, Remote], unset: Sequence[str]) -> Evidence:
    """Whether every image of the compose file could be pulled now."""
    values = {reference[-120:]: remote.said[:200] for reference, remote in standings.items()}
    bad = [reference for reference, one in standings.items() if one.standing not in ("there", "local")]
    if unset:
        values["variables without a value"] = ", ".join(unset[:20])
    if bad:
        first = standings[bad[0]].said
        return Evidence(
            f"{len(bad)} of {len(standings)} images cannot be pulled: {first}"[:300], values, "red"
        )
    if unset:
        said = f"images named by {', '.join(unset[:5])} could not be asked for: nothing gives them a value"
        return Evidence(said, values, "amber")
    if not standings:
        return Evidence("the compose file names no image", values, "amber")
    return Evidence(f"the registry has all {len(standings)} images", values, "green")


def judge_backup(found: Sequence[Backup], database_bytes: int | None, now: datetime) -> Evidence:
    """The newest that can be proven, its age; `found` is newest first and not empty."""
    proven = [one for one in found if one.proof is not Proof.NONE]
    if not proven:
        return Evidence(f"none of the {len(found)} backups can be proven whole", light="red")
    newest = proven[0]
    age = now - newest.taken_at
    size = f"{size_text(newest.object.size_bytes)}, proven by {newest.proof.value}"
    values = {
        "backup": newest.id,
        "size": size,
        "database": size_text(database_bytes) if database_bytes else "not told",
        "backups": f"{len(found)}, {len(proven)} provable",
    }
    said = f"the newest proven backup is {newest.id}, {span_text(age.total_seconds())} old ({size})"
    late = age > OLD_AFTER or proven[0] is not found[0]
    newer = f"; {found[0].id} is newer and cannot be proven" if proven[0] is not found[0] else ""
    light: Light = "amber" if late or newest.proof is Proof.CHECKSUM else "green"
    return Evidence(f"{said}{newer}: what was written since is lost", values, light)


def judge_room(free_bytes: int | None, room: Room) -> Evidence:
    """Whether the restored database fits."""
    needed = f"{size_text(room.needed_bytes)} needed ({ROOM_FACTOR:g} times the database of"
    needed += f" {size_text(room.database_bytes)})"
    if free_bytes is None:
        return Evidence(f"free disk of the host cannot be known from here; {needed}", light="amber")
    if free_bytes < room.needed_bytes:
        return Evidence(f"too little disk: {size_text(free_bytes)} free, {needed}", light="red")
    return Evidence(f"{size_text(free_bytes)} free, {needed}", light="green")


def summed_up(found: Mapping[str, Evidence]) -> Evidence:
    """The whole list in a sentence: how many are well, and what stands in the way, red first."""
    red = [one.said for one in found.values() if one.light == "red"]
    amber = [one.said for one in found.values() if one.light == "amber"]
    values = {name: f"{one.light or 'not judged'}: {one.said}"[:400] for name, one in found.items()}
    well = f"{len(found) - len(red) - len(amber)} of {len(found)} parts are well"
    if red:
        return Evidence(f"{well}; in the way: {'; '.join(red)}"[:600], values, "red")
    if amber:
        return Evidence(f"{well}; to look at: {'; '.join(amber)}"[:600], values, "amber")
    return Evidence(f"{well}: the host is ready", values, "green")
