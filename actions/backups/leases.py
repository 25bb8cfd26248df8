"""Leases: a backup that somebody reads now is not deleted. Small objects under `.tmp/leases/`, beside it."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from actions.backups.choice import TEMPORARY
from actions.failures import Refused, Transient
from actions.tools.aws.s3 import Bucket

LEASE_HOLDS = timedelta(hours=24)
_log = logging.getLogger(__name__)


@contextlib.contextmanager
def leased(bucket: Bucket, backup_id: str, run: int) -> Iterator[bool]:
    """Hold a backup while the block reads it; gives whether it is held. Safe to do twice.

    A place that may not be written to cannot be leased: the reading goes on all the same (gives False), for
    a restore matters more. What a killed bot leaves counts for 24 hours.
    """
    key = f"{bucket.prefix}{TEMPORARY}leases/{backup_id}/RUN-{run}"
    held = True
    try:
        bucket.put(key, f"RUN-{run} reads {backup_id}\n".encode())
    except (Refused, Transient) as error:
        _log.warning("%s could not be leased, it is read without: %s", backup_id, error)
        held = False
    try:
        yield held
    finally:
        if held:
            try:
                bucket.delete(key)
            except (Refused, Transient) as error:
                _log.warning("the lease %s stays for a day: %s", key, error)


def leases(bucket: Bucket, now: datetime | None = None) -> frozenset[str]:
    """The ids of the backups that are read now, by leases younger than 24 hours.

    Raises Refused or Transient where S3 does not say.
    """
    now = now or datetime.now(UTC)
    under = f"{bucket.prefix}{TEMPORARY}leases/"
    return frozenset(
        entry.key.removeprefix(under).split("/")[0]
        for entry in bucket.list(under=f"{TEMPORARY}leases/")
        if now - entry.modified_at < LEASE_HOLDS
    )
