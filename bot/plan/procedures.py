"""Commands of the document that cannot work as written, each with what works."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.plan.finding import Finding, Review
from bot.plan.runbook import Instruction
from bot.plan.source import Path


@dataclass(frozen=True)
class _Trap:
    """What to look for in a command, what is wrong with it, and what to do about it.

    `stepwise`: the step's own `instead`, where there is one, is the better answer than the remedy.
    """

    seen: re.Pattern[str]
    wrong: str
    remedy: str
    stepwise: bool = False


_TRAPS = (
    _Trap(
        re.compile(r"WHERE\s+duration\s*[<>]", re.IGNORECASE),
        "WHERE names `duration`, an alias at best: PostgreSQL answers that the column does not exist",
        "compare now() - query_start",
        stepwise=True,
    ),
    _Trap(
        re.compile(r"/actuator/gc\b"),
        "/actuator/gc does not exist in Spring Boot (404)",
        "ask the JVM: jcmd 1 GC.run in the container",
        stepwise=True,
    ),
    _Trap(
        re.compile(r"/actuator/heapdump\b"),
        "heapdump is closed by default since Spring Boot 3.5, and its file holds every secret in memory",
        "jcmd 1 GC.heap_dump in the container, and keep the file on the server",
        stepwise=True,
    ),
    _Trap(
        re.compile(r"/actuator/metrics/"),
        "Spring Boot exposes only `health` over HTTP until told otherwise, so metrics may answer 404",
        "set management.endpoints.web.exposure.include=health,metrics, on a port of its own",
    ),
    _Trap(
        re.compile(r"\bsleep\s+[0-9]+"),
        "a fixed sleep is no readiness: the database may take longer, or be ready at once",
        "wait for the health check: docker compose up --wait, or pg_isready in a loop with an end",
        stepwise=True,
    ),
    _Trap(
        re.compile(r"\bFLUSHALL\b", re.IGNORECASE),
        "FLUSHALL empties every database of the Redis server, holds up its clients and reaches the replicas",
        "SCAN and UNLINK by prefix, or FLUSHDB ASYNC",
        stepwise=True,
    ),
    _Trap(
        re.compile(r"\bdocker-compose\b"),
        "docker-compose (version 1) is unmaintained since July 2023 and missing on new servers",
        "`docker compose` takes the same words",
    ),
    _Trap(
        re.compile(r"\bghcr\.io/[\w.-]+(?=[:\s@]|$)"),
        "images of ghcr.io are named OWNER/IMAGE, and this name has no owner",
        "write ghcr.io/OWNER/belezza-api with a version, which `latest` does not tell",
    ),
    _Trap(
        re.compile(r"github\.com/your-org\b"),
        "your-org is a placeholder: on the day of a server failure nobody finds the repository by it",
        "write the real address",
    ),
)


def commands_that_fail(review: Review) -> Iterator[Finding]:
    """One warning for each known trap, at its first command, naming the lines of the others."""
    places = list(review.instructions())
    for trap in _TRAPS:
        hits = [(path, one) for path, one in places if trap.seen.search(one.command)]
        if hits:
            yield _told(review, trap, hits)
    yield from _nobody_writes_latest(review, places)
    yield from _cannot_scale(review, places)


def _told(review: Review, trap: _Trap, hits: list[tuple[Path, Instruction]]) -> Finding:
    path, first = hits[0]
    also = {1: "", 2: " (and one more command)"}.get(len(hits), f" (and {len(hits) - 1} more commands)")
    said = _instead(first, trap.remedy) if trap.stepwise else f"what works: {trap.remedy}"
    return review.warning((*path, "command"), f"{trap.wrong}{also}; {said}")


def _instead(one: Instruction, remedy: str) -> str:
    return f"drbot says instead: {one.instead}" if one.instead else f"what works: {remedy}"


def _nobody_writes_latest(review: Review, places: list[tuple[Path, Instruction]]) -> Iterator[Finding]:
    backups = review.plan.backups
    if backups and "latest.sql" in backups.database.schedule.command:
        return
    for path, one in places:
        if re.search(r"\baws s3 cp \S*/latest\.sql\.gz", one.command):
            said = "it downloads latest.sql.gz, which nothing in the plan writes"
            remedy = _instead(one, "the newest verified backup")
            yield review.warning((*path, "command"), f"{said}; {remedy}")


def _cannot_scale(review: Review, places: list[tuple[Path, Instruction]]) -> Iterator[Finding]:
    fixed = {
        service: container
        for environment in review.plan.environments.values()
        for service, container in environment.containers.items()
    }
    for path, one in places:
        service = re.search(r"--scale\s+([\w-]+)=", one.command)
        if service and service[1] in fixed:
            said = (
                f"Compose does not scale a service whose container has a fixed name ({fixed[service[1]]});"
                " what works: remove container_name and the published port, behind Nginx"
            )
            yield review.warning((*path, "command"), said)
