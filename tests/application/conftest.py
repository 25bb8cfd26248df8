"""An application that each test may break as it likes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from actions.application.dump_keeping import DumpFacts
from actions.application.heap_dump import take_heap_dump
from actions.plan import Plan
from actions.tools.application.application import Application
from actions.tools.aws.s3 import Bucket
from actions.tools.toolbox import FixedToolbox
from tests.actions.running import planned
from tests.real.actuator import Actuator, actuator
from tests.real.dumps import dump_bucket
from tests.real.s3 import RealS3


@pytest.fixture
def app() -> Iterator[Actuator]:
    with actuator() as running:
        yield running


@pytest.fixture
def s3(moto_s3: RealS3) -> RealS3:
    return moto_s3


@pytest.fixture
def bucket(s3: RealS3) -> Bucket:
    return dump_bucket(s3.endpoint_url)


@pytest.fixture
def tools(app: Actuator, bucket: Bucket) -> FixedToolbox:
    return toolbox(app.url, bucket)


def toolbox(url: str, bucket: Bucket, timeout_s: float = 5.0) -> FixedToolbox:
    """Production: the application at this URL, and where its dumps are kept."""
    tool = Application(url, timeout_s=timeout_s, dump_timeout_s=10 * timeout_s)
    return FixedToolbox(applications={"production": tool}, dumps={"production": bucket})


def drafted(tools: FixedToolbox) -> tuple[DumpFacts, Plan]:
    """Facts and plan of a heap dump of production."""
    facts, plan = planned(take_heap_dump, tools, environment="production")
    assert isinstance(facts, DumpFacts)
    return facts, plan
