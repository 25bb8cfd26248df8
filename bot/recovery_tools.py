"""The tools of recovery from the plan's entries: copies of backups, cluster, images, names. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from actions.tools.aws.image_bucket import ImageBucket, Transition
from actions.tools.aws.reach import AwsAccess
from actions.tools.aws.s3 import Bucket
from actions.tools.clusters.cluster import Cluster
from actions.tools.dns.names import NameTarget, ServiceName
from actions.tools.dumps.copies import CopyPlace, Keeping
from bot.plan.models import BackupPlace, Failover
from bot.plan.promises import ImageBucket as PromisedBucket
from bot.plan.recovery import ClusterEntry, CopyEntry, ImagesEntry

MakeBucket = Callable[[str, str, str, str], Bucket]
"""Of a bucket's name, prefix, stem and region."""


def keeping_of(place: BackupPlace, bucket: MakeBucket) -> Keeping:
    """How backups are kept."""
    copies = tuple(_copy(name, entry, place.name, bucket) for name, entry in place.copies.items())
    return Keeping(place.keep, place.format, copies, place.keep_at_least)


def _copy(name: str, entry: CopyEntry, stem: str, bucket: MakeBucket) -> CopyPlace:
    if entry.directory:
        return CopyPlace(name, entry.keep, directory=Path(entry.directory))
    return CopyPlace(name, entry.keep, bucket(entry.bucket, entry.prefix, stem, entry.region))


def cluster_of(entry: ClusterEntry) -> Cluster:
    """The cluster as files."""
    data = Path(entry.data_directory)
    return Cluster(
        stanza=entry.stanza,
        config=Path(entry.config),
        data_directory=data,
        beside=Path(entry.beside) if entry.beside else data.parent,
        programs=Path(entry.programs),
        backrest=Path(entry.backrest),
        port=entry.port,
        user=entry.user,
        archive_timeout_s=entry.archive_timeout,
    )


def images_of(
    entry: ImagesEntry, bucket: MakeBucket, promised: PromisedBucket | None = None, rto_s: float | None = None
) -> ImageBucket:
    """The bucket of images and its replica, and how long recovery may take.

    Where the entry says no lifecycle of its own, that of section 2.2 (`promised`) holds for the same bucket.
    """
    same = promised is not None and promised.bucket == entry.bucket
    lifecycle = entry.lifecycle or (promised.lifecycle if promised and same else ())
    return ImageBucket(
        primary=bucket(entry.bucket, entry.prefix, "", entry.region),
        replica=bucket(entry.replica, entry.prefix, "", entry.replica_region) if entry.replica else None,
        versioning=entry.versioning,
        lifecycle=tuple(Transition(one.leaves, one.to, one.after) for one in lifecycle),
        lag_at_most_s=entry.lag_at_most,
        rto_s=rto_s,
    )


def name_of(service: str, entry: Failover, access: AwsAccess, environment: Mapping[str, str]) -> ServiceName:
    """The service's DNS name and where it may point to."""
    targets = {
        name: NameTarget(
            name,
            target.address,
            target.region,
            target.health,
            environment.get(target.database_url_env, "") if target.database_url_env else "",
        )
        for name, target in entry.targets.items()
    }
    return ServiceName(
        service,
        entry.record,
        entry.zone,
        entry.ttl,
        targets,
        access,
        entry.resolver,
        entry.stale_after,
        entry.health_check,
    )
