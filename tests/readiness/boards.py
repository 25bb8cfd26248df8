"""Boards as they are: a good day, a bad night, and hostile words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.domain.standing import Board, Light, Standing

AT = "2026-11-23T03:12:00.000000Z"


def standing(key: str = "database", light: Light = Light.GREEN, **given: object) -> Standing:
    """One line, well unless said otherwise."""
    line = Standing(key.title(), light, "as promised", key=key)
    return replace(line, **given)  # type: ignore[arg-type]


BAD_NIGHT = Board(
    (
        standing(
            "database",
            Light.RED,
            component="PostgreSQL Database",
            why="belezza_production_20261122_020004 is the newest proven backup and 25 h 12 min old: a"
            " loss now would break the promise",
            promised="Daily (2 AM UTC) · RPO 1 h",
            measured="25 h 12 min old",
            helps="run back-up-database environment=production",
            label="Back up now",
        ),
        standing(
            "redis",
            component="Redis Cache",
            why="memory 1.1 MiB of 256.0 MiB (0 %), allkeys-lru, hit rate 97 %, nothing alarming",
            promised="N/A (ephemeral)",
        ),
        standing(
            "images",
            Light.AMBER,
            component="S3 Images",
            why="the replica in us-east-1 is 21 min behind, at most 15 min were promised",
            promised="Cross-region replication",
            measured="21 min behind",
            helps="run look-at-image-bucket environment=production",
            label="Look at the bucket",
        ),
        standing(
            "configuration",
            Light.UNKNOWN,
            component="Configuration Files",
            why="nothing measures it yet: name its `looks` in the plan",
            promised="Git versioned",
        ),
        standing(
            "certificates",
            component="SSL Certificates",
            why="every certificate is well; the first ends in 61 days, on 2027-01-23",
            promised="Stored in secrets manager",
            measured="61 days left",
        ),
        standing(
            "api",
            component="Belezza API",
            why="UP, each of 4 components: primary, redis, diskSpace, ping",
        ),
        standing(
            "rpo",
            Light.RED,
            component="Recovery Point Objective",
            why="the backup of `0 2 * * *` alone can lose 24 h; what keeps it, once it is set up:"
            " “Continuous WAL archiving” every 60s, or “Logical dump” every 30m",
            promised="at most 1 h",
            measured="up to 24 h",
            helps="plan check",
            label="Check the plan",
            place="proof",
        ),
        standing(
            "restore-staging",
            component="Backup restore to staging",
            why="DRILL-12 passed 5 h 10 min ago",
            promised="monthly · RTO 4 h",
            measured="RTO 41.3 s · RPO 25 min",
            place="proof",
        ),
        standing(
            "failover-simulation",
            Light.AMBER,
            component="Failover simulation",
            why="DRILL-3 passed 97 d 2 h ago: 5 d 2 h overdue",
            promised="quarterly · RTO 4 h",
            measured="RTO 1 min 12 s",
            helps="drill failover-simulation",
            label="Hold the drill",
            overdue=True,
            place="proof",
        ),
        standing(
            "people-and-seats",
            Light.AMBER,
            component="People and seats",
            why="the primary seat of DevOps is vacant: write a person's id from `people` (and 7 more)",
            place="watch",
        ),
        standing("incidents", component="Incidents", why="none is open", place="watch"),
        standing("engine", component="Engine", why="host-1:4711, 0 running", place="watch"),
    ),
    AT,
    ages_s={"backup": 90_720.0, "drill:restore-staging": 18_600.0},
)

GOOD_DAY = replace(
    BAD_NIGHT,
    standings=tuple(
        replace(one, light=Light.GREEN, helps="", label="", overdue=False, why="as promised")
        for one in BAD_NIGHT.standings
    ),
)

BLIND_EYE = replace(
    GOOD_DAY,
    standings=(
        replace(
            GOOD_DAY.standings[0],
            light=Light.AMBER,
            partly=True,
            why="not measured: DR_BACKUPS_URL is not set, so it is out of reach; beside it: the database"
            " answers in 3 ms, 12 of 100 connections",
            measured="",
        ),
        *GOOD_DAY.standings[1:],
    ),
)


def just_now(board: Board, ago_s: float = 41.0) -> Board:
    """The same, measured so many seconds ago."""
    return replace(board, measured_at=(datetime.now(UTC) - timedelta(seconds=ago_s)).isoformat())
