"""Each way has its sender, and apprise is loaded only where somebody posts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bot.domain.outbound import Never, Way
from bot.outbound.wiring import BUILDERS
from bot.plan.models import DrPlan
from tests.real.social import Network
from tests.real.statuspage import StatusPage
from tests.ways.jobs_at_hand import TEXT, a_post, creation, taken_up

ROOT = Path(__file__).parents[2]


def test_the_status_page_of_the_environment_is_told(page: StatusPage) -> None:
    BUILDERS[Way.STATUS_PAGE](page.environment, DrPlan()).send(taken_up(creation()), "")
    assert page.texts() == [("investigating", TEXT)]


def test_the_social_account_of_the_environment_is_told(network: Network) -> None:
    environment = {"DR_SOCIAL_URL": network.mastodon_url}
    BUILDERS[Way.SOCIAL](environment, DrPlan()).send(taken_up(a_post()), "")
    assert network.posts == [TEXT]


@pytest.mark.parametrize(
    ("way", "named"),
    [(Way.STATUS_PAGE, "STATUSPAGE_API_KEY and STATUSPAGE_PAGE_ID"), (Way.SOCIAL, "DR_SOCIAL_URL")],
)
def test_what_is_not_set_is_named_when_something_is_approved(way: Way, named: str) -> None:
    job = taken_up(creation() if way is Way.STATUS_PAGE else a_post())
    with pytest.raises(Never, match=f"^{named} "):
        BUILDERS[way]({}, DrPlan()).send(job, "")


def test_apprise_is_not_loaded_for_nothing() -> None:
    code = "import sys, bot.house; sys.exit('apprise' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=60).returncode == 0
