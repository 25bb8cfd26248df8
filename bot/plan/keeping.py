"""Promises of the document that its own facts do not keep, and facts that contradict each other."""

from __future__ import annotations

import ipaddress
import posixpath
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from bot.plan.fields import say_duration
from bot.plan.finding import Finding, Review
from bot.plan.promises import Backups
from bot.plan.rpo import keeps_rpo, least_loss

_SCRIPT_PLACE = re.compile(r"(/\S*/)[\w-]+\.sh\b")
_SCRIPT_DAYS = re.compile(r"\s-r\s+([0-9]{1,5})\b")
_COPIED_ENV = re.compile(r"^cp\s+\S+\s+(\S*\.env)\s*$", re.MULTILINE)
_EXAMPLES = ("1.2.3.4", "5.6.7.8", "0.0.0.0")  # noqa: S104 - looked for, not listened on


def contradictions(review: Review) -> Iterator[Finding]:
    """A warning for each promise that is not kept, with what would keep it."""
    if review.plan.backups:
        yield from _rpo(review)
        yield from _retention(review, review.plan.backups)
        yield from _checksums(review, review.plan.backups)
        yield from _images(review, review.plan.backups)
        yield from _certificates(review, review.plan.backups)
    yield from _file_places(review)
    yield from _failover(review)
    yield from _outside_help(review)


def _rpo(review: Review) -> Iterator[Finding]:
    objective, loss = review.plan.objectives.get("rpo"), least_loss(review.plan)
    if objective is None or loss is None or loss.most_s <= objective.target:
        return
    said = f"RPO {say_duration(objective.target)}, but {loss.way} alone can lose {say_duration(loss.most_s)}"
    yield review.warning(("objectives", "rpo"), f"{said}; {keeps_rpo(review.plan)}")


def _retention(review: Review, backups: Backups) -> Iterator[Finding]:
    told = _SCRIPT_DAYS.search(backups.database.schedule.command)
    if told is None:
        return
    script_s = int(told[1]) * 86400.0
    for key, place in backups.database.locations.items():
        is_here = place.location.startswith("/")
        if is_here and place.keep != script_s:
            said = (
                f"{place.title} copies are promised for {say_duration(place.keep)}, but the script is told"
                f" -r {told[1]} (days); drbot goes by {say_duration(place.keep)} here"
            )
            yield review.warning(("backups", "database", "locations", key, "keep"), said)


def _checksums(review: Review, backups: Backups) -> Iterator[Finding]:
    for number, promise in enumerate(backups.database.verification):
        if "checksum" not in promise.lower() or "download" not in promise.lower():
            continue
        commands = [one.command for _, one in review.instructions()]
        downloads = any("aws s3 cp" in command for command in commands)
        if downloads and not any("sha256" in command for command in commands):
            said = "no command of the document checks a checksum; drbot checks it while it downloads"
            yield review.warning(("backups", "database", "verification", number), said)


def _images(review: Review, backups: Backups) -> Iterator[Finding]:
    for number, step in enumerate(backups.images.lifecycle):
        where = ("backups", "images", "lifecycle", number)
        if step.to == "deletion":
            said = (
                f"the lifecycle deletes images after {say_duration(step.after)}, also those still in use;"
                " what works: let it end only noncurrent versions"
            )
            yield review.warning(where, said)
        elif step.to.lower().startswith("glacier"):
            said = (
                f"after {say_duration(step.after)} an image is in {step.to} and cannot be served until it is"
                " restored from there; what works: Glacier Instant Retrieval, or noncurrent versions only"
            )
            yield review.warning(where, said)


def _certificates(review: Review, backups: Backups) -> Iterator[Finding]:
    methods = {kept.item: (number, kept.method) for number, kept in enumerate(backups.configuration)}
    for component in review.plan.components.values():
        number, method = methods.get(component.title, (0, component.backup_frequency))
        plain = component.backup_frequency.lower().removeprefix("stored in ").strip()
        if component.backup_frequency and plain not in method.lower():
            said = (
                f"{component.title}: “{component.backup_frequency}” in 1.2, “{method}” in 2.3;"
                " a certificate that AWS manages cannot be put into Nginx's files unless it may be exported"
            )
            yield review.warning(("backups", "configuration", number), said)


def _file_places(review: Review) -> Iterator[Finding]:
    plan = review.plan
    home = next((one.directory for one in plan.environments.values() if one.directory), "")
    for number, row in enumerate(plan.files):
        used = ""
        kind = row.file.lower()
        if "script" in kind and plan.backups:
            found = _SCRIPT_PLACE.search(plan.backups.database.schedule.command)
            used = found[1] if found else ""
        elif "compose" in kind:
            used = home
        elif "environment" in kind and home:
            copied = [hit for _, one in review.instructions() for hit in _COPIED_ENV.findall(one.command)]
            used = posixpath.join(home, copied[0]) if copied else ""
        if used and used.rstrip("/") != row.location.rstrip("/"):
            said = f"{row.file}: {row.location} in 8.2, but the commands use {used}"
            yield review.warning(("files", number), f"{said}; look which is true and correct the other")


def _failover(review: Review) -> Iterator[Finding]:
    for key, failover in review.plan.failover.items():
        if not review.plan.owner_of(key) and review.plan.environments:
            said = f"say `environment`: whose name {failover.record} is; until then drbot does not move it"
            yield review.warning(("failover", key), said)
        for name, target in failover.targets.items():
            if _is_example(target.address):
                said = f"{target.address} looks like an example: write the real address before a failover"
                yield review.warning(("failover", key, "targets", name), said)
        told_apart = all(target.health for target in failover.targets.values())
        by_name = urlsplit(failover.health_check).hostname == failover.record
        if len(failover.targets) > 1 and by_name and not told_apart:
            said = (
                f"the health check asks {failover.record}, which is whatever the name points to: it cannot"
                " say how another target is; what works: `health` of each target, asked at its own address"
            )
            yield review.warning(("failover", key, "health_check"), said)


def _is_example(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return address in _EXAMPLES or not parsed.is_global


def _outside_help(review: Review) -> Iterator[Finding]:
    objective = review.plan.objectives.get("rto")
    needed = " ".join(one.command.lower() for _, one in review.instructions())
    for key, contact in review.plan.contacts.items():
        name = contact.service.split()[0].lower()
        if objective and contact.sla >= objective.target and f"{name}.com" in needed:
            said = (
                f"recovery needs {contact.service}, whose answer may take {say_duration(contact.sla)}: all of"
                f" the RTO of {say_duration(objective.target)}; what works: a mirror of code and images"
            )
            yield review.warning(("contacts", key), said)
