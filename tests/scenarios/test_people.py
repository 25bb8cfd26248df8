"""Sections 4 and 6 of the plan, lived: from nobody answering to what is to be done, in a real Chromium."""

from __future__ import annotations

import pytest

from tests.real.browser import absent as no_browser
from tests.real.browser import real_browser
from tests.real.docker import absent as no_engine
from tests.real.docker import belezza_project
from tests.scenarios.people import world_with_an_outside
from tests.scenarios.people_story import Story

ABSENT = no_browser() or no_engine()
pytestmark = [
    pytest.mark.xdist_group("people"),
    pytest.mark.timeout(420),
    pytest.mark.skipif(bool(ABSENT), reason=ABSENT),
]


def test_from_nobody_answers_to_what_is_to_be_done() -> None:
    with (
        belezza_project(replicas=1, services=("api", "nginx")) as belezza,
        world_with_an_outside(belezza) as outside,
        real_browser() as browser,
    ):
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(60_000)
        Story(outside, page, shoot=lambda name: None).play()
