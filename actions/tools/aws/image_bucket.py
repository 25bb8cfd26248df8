"""The bucket of images, its replica in a second region, and what the plan promises of both."""

from __future__ import annotations

from dataclasses import dataclass

from actions.tools.aws.s3 import Bucket


@dataclass(frozen=True)
class Transition:
    """One step of the lifecycle that the plan promises; `to` is a storage class, or `deletion`."""

    leaves: str
    to: str
    after_s: float


@dataclass(frozen=True)
class ImageBucket:
    """`replica` is None where the plan names none; `rto_s` is the plan's recovery time objective, if any."""

    primary: Bucket
    replica: Bucket | None = None
    versioning: bool = True
    lifecycle: tuple[Transition, ...] = ()
    lag_at_most_s: float = 900.0
    rto_s: float | None = None
