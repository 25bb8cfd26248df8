"""Looking at the bucket: settings on moto (it keeps them and does none), truth of the sample on SeaweedFS."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from actions.failures import Refused
from actions.images.bucket_look import look_at_image_bucket
from actions.plan import Evidence
from actions.tools.toolbox import FixedToolbox
from tests.actions.running import planned, run
from tests.real.images import PRIMARY, REPLICA, Gallery

RUN = 3


def looked(gallery: Gallery, tools: FixedToolbox | None = None) -> list[Evidence]:
    """Versioning, replication, lifecycle, sample."""
    tools = tools or gallery.tools()
    _, plan = planned(look_at_image_bucket, tools, environment="production")
    return run(plan, tools, RUN)[1:]


def configure(gallery: Gallery, days: int = 90) -> None:
    """As the plan's section 2.2 promises it, Glacier after so many days."""
    gallery.client.put_bucket_replication(
        Bucket=PRIMARY,
        ReplicationConfiguration={
            "Role": "arn:aws:iam::123456789012:role/replication",
            "Rules": [
                {
                    "ID": "all",
                    "Status": "Enabled",
                    "Priority": 1,
                    "Filter": {"Prefix": ""},
                    "DeleteMarkerReplication": {"Status": "Disabled"},
                    "Destination": {"Bucket": f"arn:aws:s3:::{REPLICA}"},
                }
            ],
        },
    )
    gallery.client.put_bucket_lifecycle_configuration(
        Bucket=PRIMARY,
        LifecycleConfiguration={
            "Rules": [
                {
                    "ID": "age",
                    "Status": "Enabled",
                    "Filter": {"Prefix": ""},
                    "Transitions": [
                        {"Days": 30, "StorageClass": "STANDARD_IA"},
                        {"Days": days, "StorageClass": "GLACIER"},
                    ],
                    "Expiration": {"Days": 365},
                    "NoncurrentVersionExpiration": {"NoncurrentDays": 60},
                }
            ]
        },
    )


def test_as_promised_it_is_green_with_the_numbers(mimed: Gallery) -> None:
    configure(mimed)
    mimed.put("a.jpg", b"x")
    mimed.copy_over("a.jpg")
    versioning, replication, lifecycle, sample = looked(mimed)
    assert (versioning.light, replication.light, lifecycle.light, sample.light) == ("green",) * 4
    assert lifecycle.values["deleted images can come back"].startswith("60 days")
    assert lifecycle.values["Standard-IA to Glacier"] == "GLACIER after 90 days, as promised"


def test_what_is_not_as_promised_is_said_beside_it(mimed: Gallery) -> None:
    configure(mimed, days=120)
    lifecycle = looked(mimed)[2]
    assert lifecycle.light == "amber"
    assert "promises GLACIER after 90 days; the rule age (for everything) says 120" in lifecycle.said
    mimed.client.delete_bucket_replication(Bucket=PRIMARY)
    mimed.client.delete_bucket_lifecycle(Bucket=PRIMARY)
    _, replication, lifecycle, _ = looked(mimed)
    assert (replication.light, lifecycle.light) == ("red", "red")
    assert "no rule does it" in lifecycle.said


def test_the_replica_is_compared_object_by_object(real: Gallery) -> None:
    for name in ("a.jpg", "b.jpg"):
        real.put(name, name.encode())
        real.copy_over(name)
    assert looked(real)[3].light == "green"
    real.put("b.jpg", b"newer")
    impatient = replace(real.images(), lag_at_most_s=0.0)
    sample = looked(real, FixedToolbox(image_buckets={"production": impatient}))[3]
    assert sample.light == "red"
    assert sample.values[real.key("b.jpg")] == "another in the replica"
    assert sample.values[real.key("a.jpg")] == "the same in the replica"
    patient = looked(real)[3]
    assert (patient.light, "not there yet" in patient.said) == ("green", True)


def test_without_a_replica_in_the_plan_it_is_amber(real: Gallery) -> None:
    real.put("a.jpg", b"x")
    found = looked(real, real.tools(replica=False))
    assert (found[1].light, found[3].light) == ("amber", "amber")


def test_a_bucket_that_is_not_there_is_refused(real: Gallery) -> None:
    nowhere = replace(real.images(), primary=replace(real.place(), name="not-there"))
    with pytest.raises(Refused, match="there is no bucket"):
        looked(real, FixedToolbox(image_buckets={"production": nowhere}))


def test_the_times_are_of_now(real: Gallery) -> None:
    at = datetime.fromisoformat(real.put("a.jpg", b"x").at)
    assert abs(datetime.now(UTC) - at) < timedelta(minutes=1)
