"""The plan's `images`: section 2.2 holds for it, and `plan check` says where it is another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from actions.registry import all_actions
from actions.tools.aws.image_bucket import Transition
from bot.plan.check import check_plan
from bot.plan.models import DrPlan
from bot.toolbox import PlanToolbox

HERE = {
    "bucket": "belezza-images",
    "region": "sa-east-1",
    "replica": "belezza-images-dr",
    "replica_region": "us-east-1",
}


def plan(**images: Any) -> DrPlan:
    """The team's plan with this bucket of images."""
    written = yaml.safe_load(Path("data/belezza.yaml").read_text())
    written["environments"]["production"]["images"] = images
    return DrPlan.model_validate(written)


def found(**images: Any) -> list[str]:
    told = [one.message for one in check_plan(plan(**images), all_actions()) if ".images." in one.where]
    return [message for message in told if "section 2.2" in message]


def test_section_2_2_holds_where_nothing_else_is_said() -> None:
    images = PlanToolbox(plan(**HERE), {}).images("production")
    assert images.lifecycle[1] == Transition("Standard-IA", "Glacier", 90 * 86400.0)
    assert images.rto_s == 4 * 3600
    assert images.replica is not None
    assert (images.primary.region, images.replica.region) == ("sa-east-1", "us-east-1")


def test_as_promised_nothing_is_said() -> None:
    assert found(**HERE) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"bucket": "another"}, "promises the bucket belezza-images"),
        ({"region": "eu-west-1"}, "drbot asks eu-west-1"),
        ({"replica": ""}, "names no bucket; name it here"),
        ({"replica_region": "eu-west-1"}, "the replica in us-east-1"),
        ({"versioning": False}, "nothing could come back"),
        ({"lifecycle": [{"leaves": "Standard", "to": "Glacier", "after": "1d"}]}, "another lifecycle"),
    ],
)
def test_what_is_another_is_said(change: dict[str, Any], said: str) -> None:
    (told,) = found(**{**HERE, **change})
    assert said in told
