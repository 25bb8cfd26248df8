"""Promised beside found: versioning, replication, lifecycle and the sample, each judged."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.images.bucket_findings import (
    Copied,
    class_of,
    judge_lifecycle,
    judge_replication,
    judge_sample,
    judge_versioning,
    kept_text,
)
from actions.tools.aws.image_bucket import Transition
from actions.tools.aws.image_bucket_rules import LifecycleRule, ReplicationRule
from tests.real.images import LIFECYCLE

RULE = LifecycleRule("all", True, "", (("STANDARD_IA", 30), ("GLACIER", 90)), 365, 30)
COPIES = ReplicationRule("all", True, "", "belezza-images-dr", False)


def test_versioning_promised_and_off_is_red() -> None:
    assert judge_versioning(True, "Enabled").light == "green"
    assert judge_versioning(True, "Suspended").light == "red"
    assert "nothing deleted can come back" in judge_versioning(True, "Off").said
    assert judge_versioning(False, "Off").light == ""


def test_replication_goes_to_the_plans_replica_or_is_red() -> None:
    right = judge_replication("belezza-images-dr", "images/", [COPIES])
    assert (right.light, right.said) == (
        "green", "replication to belezza-images-dr is on (deletions are not copied)",
    )  # fmt: skip
    assert judge_replication("belezza-images-dr", "", []).said.endswith(
        "is not configured; the plan promises it"
    )
    off = ReplicationRule("all", False, "", "belezza-images-dr", False)
    assert "switched off" in judge_replication("belezza-images-dr", "", [off]).said
    wrong = judge_replication("another", "", [COPIES])
    assert (wrong.light, "goes to belezza-images-dr" in wrong.said) == ("red", True)
    narrow = ReplicationRule("some", True, "salons/", "belezza-images-dr", False)
    assert judge_replication("belezza-images-dr", "", [narrow]).light == "red"
    assert judge_replication("", "", [COPIES]).light == "amber"


def test_each_step_of_the_lifecycle_is_compared_in_days() -> None:
    judged = judge_lifecycle(LIFECYCLE, "", [RULE])
    assert [one.light for _, one in judged] == ["green", "green", "green"]
    assert judged[0] == ("Standard to Standard-IA", judged[0][1])
    later = judge_lifecycle(LIFECYCLE, "", [LifecycleRule("all", True, "", (("GLACIER", 120),), 180, None)])
    assert [one.light for _, one in later] == ["red", "amber", "red"]
    assert "promises GLACIER after 90 days; the rule all (for everything) says 120" in later[1][1].said
    assert "deletion after 365 days; the rule all (for everything) says 180" in later[2][1].said
    off = LifecycleRule("all", False, "", RULE.moves, 365, None)
    assert {one.light for _, one in judge_lifecycle(LIFECYCLE, "", [off])} == {"red"}


def test_later_deletion_than_promised_is_no_danger() -> None:
    rule = LifecycleRule("all", True, "", (), 400, None)
    (judged,) = judge_lifecycle([Transition("Glacier", "deletion", 365 * 86400.0)], "", [rule])
    assert judged[1].light == "amber"


@pytest.mark.parametrize("prefix", ["", "images/", "images/salons/", "images/salons/?", "?"])
def test_whichever_rule_deletes_first_is_the_one_that_counts(prefix: str) -> None:
    sooner = LifecycleRule("old", True, prefix, (), 1, None)
    for rules in ([RULE, sooner], [sooner, RULE]):
        (*_, (_, judged)) = judge_lifecycle(LIFECYCLE, "images/", rules)
        assert judged.light == "red"
        assert "promises deletion after 365 days; the rule old (for " in judged.said
        assert judged.said.endswith("says 1 since an object was made")
    elsewhere = replace(sooner, prefix="logs/")
    off = replace(sooner, on=False)
    assert {one.light for _, one in judge_lifecycle(LIFECYCLE, "images/", [RULE, elsewhere, off])} == {
        "green"
    }


def test_a_rule_that_deletes_what_the_plan_keeps_for_ever_is_red() -> None:
    for prefix in ("", "images/salons/"):
        rule = LifecycleRule("old", True, prefix, (), 30, None)
        ((what, judged),) = judge_lifecycle([], "images/", [rule])
        assert (what, judged.light) == ("deletion", "red")
        assert judged.said.endswith("deletes after 30 days; the plan promises no deletion")
    dated = LifecycleRule("spring", True, "", (), None, None, "2027-03-01")
    (*_, (_, judged)) = judge_lifecycle(LIFECYCLE, "", [RULE, dated])
    assert (judged.light, "deletes on 2027-03-01" in judged.said) == ("red", True)
    assert judge_lifecycle([], "", [LifecycleRule("cheap", True, "", (("GLACIER", 1),), None, 30)]) == ()


def test_an_archive_earlier_than_promised_is_amber() -> None:
    sooner = LifecycleRule("cold", True, "images/salons/", (("GLACIER", 3),), None, None)
    judged = dict(judge_lifecycle(LIFECYCLE, "images/", [RULE, sooner]))
    assert [one.light for one in judged.values()] == ["green", "amber", "green"]


rules = st.builds(
    LifecycleRule,
    st.just("r"),
    st.booleans(),
    st.sampled_from(["", "i/", "i/s/", "i/s/?", "logs/", "?"]),
    st.just(()),
    st.none() | st.integers(1, 500),
    st.none(),
)


@given(found=st.lists(rules, max_size=6), wanted=st.none() | st.integers(1, 500))
def test_no_rule_may_delete_an_image_before_its_time_and_be_green(
    found: list[LifecycleRule], wanted: int | None
) -> None:
    promised = [Transition("Glacier", "deletion", wanted * 86400.0)] if wanted else []
    judged = judge_lifecycle(promised, "i/", found)
    harm = [
        rule
        for rule in found
        if rule.on and rule.prefix != "logs/" and rule.deleted_days and rule.deleted_days < (wanted or 501)
    ]
    assert any(one.light == "red" for _, one in judged) or not harm
    if all(one.light == "green" for _, one in judged) and wanted:
        assert min(rule.deleted_days for rule in found if rule.reaches("i/") and rule.deleted_days) == wanted


@pytest.mark.parametrize(
    ("written", "name"),
    [("Standard-IA", "STANDARD_IA"), ("Glacier", "GLACIER"), ("Glacier Deep Archive", "DEEP_ARCHIVE"),
     ("INTELLIGENT_TIERING", "INTELLIGENT_TIERING"), ("Express", "EXPRESS")],
)  # fmt: skip
def test_classes_as_people_write_them(written: str, name: str) -> None:
    assert class_of(written) == name


def test_how_long_what_is_deleted_can_come_back() -> None:
    assert kept_text([RULE]) == "30 days, then the rule all (for everything) removes old versions"
    assert kept_text([replace(RULE, prefix="logs/")], "images/").startswith("for ever")
    sooner = replace(RULE, name="thumbs", prefix="images/thumbs/", old_days=2)
    assert kept_text([RULE, sooner], "images/").startswith(
        "2 days, then the rule thumbs (for images/thumbs/)"
    )
    assert kept_text([]).startswith("for ever")


def test_a_sample_that_is_not_there_after_the_lag_is_red() -> None:
    same = Copied("a", 90000.0, True, "COMPLETED", 4.0)
    assert (
        judge_sample([same], 900.0).said
        == "1 object of the sample are the same there, at most 4 s behind (promised within 15 min)"
    )
    missing = Copied("b", 3600.0, None, "")
    assert judge_sample([same, missing], 900.0).light == "red"
    assert "b is missing in the replica after 60 min" in judge_sample([same, missing], 900.0).said
    other = Copied("c", 3600.0, False, "")
    assert "c is another there" in judge_sample([other], 900.0).said
    fresh = Copied("d", 60.0, None, "PENDING")
    assert judge_sample([same, fresh], 900.0).light == "green"
    assert judge_sample([fresh], 900.0).light == "amber"
    assert judge_sample([Copied("e", 60.0, None, "FAILED")], 900.0).light == "red"
    assert judge_sample([], 900.0).light == "amber"
