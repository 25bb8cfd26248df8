"""The catalogue: docs/actions.md is what the registry gives now, and every policy in it can be pasted."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from actions.plan import Ending, Fault, Statement
from actions.registry import all_actions
from bot.catalogue import GENERAL, entry, family, page

PAGE = Path(__file__).parents[2] / "docs" / "actions.md"
RESTORE = all_actions()["restore-database"]


def test_the_page_is_what_the_registry_gives_now() -> None:
    assert PAGE.read_text() == page(all_actions().values()), "the actions have changed: say `make docs`"


@pytest.mark.parametrize("name", all_actions())
def test_every_action_is_told_wholly_and_has_a_family(name: str) -> None:
    action = all_actions()[name]
    told = entry(action, GENERAL.__getitem__)
    assert action.description in told
    assert f"/dr {action.example}" in told
    assert all(permission in told for permission in action.permissions)
    assert all(ending.then in told for ending in action.endings)
    assert family(action) != "Others", "its survey asks for no tool first: how does it look?"


def test_a_policy_is_json_with_every_statement_of_the_family_once() -> None:
    read = Statement(("s3:GetObject",), ("arn:aws:s3:::{bucket}/*",))
    write = Statement(("s3:PutObject",), ("arn:aws:s3:::{bucket}/*",))
    one, two = replace(RESTORE, name="one", iam=(read,)), replace(RESTORE, name="two", iam=(read, write))
    told = page([one, two])
    policies = [json.loads(found) for found in re.findall(r"```json\n(.*?)```", told, re.DOTALL)]
    assert [len(policy["Statement"]) for policy in policies] == [1, 2, 2]
    assert policies[-1]["Version"] == "2012-10-17"
    assert policies[-1]["Statement"][0] == {
        "Effect": "Allow",
        "Action": ["s3:GetObject"],
        "Resource": ["arn:aws:s3:::{bucket}/*"],
    }


def test_faults_that_end_alike_share_a_row_and_a_bar_breaks_no_table() -> None:
    endings = (
        Ending(Fault.GONE, "before", "failed", "nothing | at all"),
        Ending(Fault.TIMEOUT, "before", "failed", "nothing | at all"),
        Ending(Fault.GONE, "during", "stopped", "half of it"),
    )
    told = entry(replace(RESTORE, endings=endings), GENERAL.__getitem__)
    rows = [line for line in told.splitlines() if line.startswith("| what it speaks to")]
    assert rows == [
        "| what it speaks to does not answer; what it speaks to answers too late | before the first step"
        r" | failed | nothing \| at all |",
        "| what it speaks to does not answer | in the middle | stopped | half of it |",
    ]
