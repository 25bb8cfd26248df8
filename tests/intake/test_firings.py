"""Identity and firings: what wakes triage and what only counts."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.firing import Known, News, news
from tests.intake.desk import Desk, firing, resolved


def test_a_new_alert_waits_for_triage_and_rings_for_it(desk: Desk) -> None:
    rang: list[int] = []
    desk.store.listen("alerts", lambda: rang.append(1))
    assert desk.take(firing("f1"), firing("f2")) == (2, 0, 0)
    assert desk.row("status, judged, times, name, starts_at, ends_at, grouped") == (
        ("firing", 0, 1, "HighErrorRate", "2026-11-23T02:00:00.000000Z", "", "g")
    )
    assert desk.row("labels, annotations") == (
        '{"alertname":"HighErrorRate"}',
        '{"summary":"5xx above 5%"}',
    )
    assert rang == [1]


def test_a_repeat_updates_one_row_and_wakes_nobody(desk: Desk) -> None:
    desk.take(firing())
    desk.judge()
    rang: list[int] = []
    desk.store.listen("alerts", lambda: rang.append(1))
    newer = replace(firing(), annotations={"summary": "5xx above 7%"})
    assert desk.take(newer) == (0, 0, 1)
    assert desk.row("judged, times, annotations, first_seen < last_seen") == (
        (1, 2, '{"summary":"5xx above 7%"}', 1)
    )
    assert rang == []


def test_a_repeat_of_what_waits_for_triage_does_not_look_like_a_change(desk: Desk) -> None:
    """Triage compares last_seen between reading and marking: an HA pair must not make it judge twice."""
    desk.take(firing())
    before = desk.row("last_seen")
    assert desk.take(firing()) == (0, 0, 1)
    assert desk.row("last_seen, judged, times") == (*before, 0, 2)


def test_a_resolution_is_news_once(desk: Desk) -> None:
    desk.take(firing())
    desk.judge()
    assert desk.take(resolved()) == (0, 1, 0)
    assert desk.row("status, judged, ends_at") == ("resolved", 0, "2026-11-23T02:05:00.000000Z")
    desk.judge()
    assert desk.take(resolved()) == (0, 0, 1)
    assert desk.judge() == 0


def test_a_resolution_without_an_end_ends_now(desk: Desk) -> None:
    desk.take(firing())
    assert desk.take(resolved(end=None)) == (0, 1, 0)
    assert desk.row("status, ends_at") == ("resolved", "2026-11-23T03:02:00.000000Z")


def test_a_late_duplicate_does_not_reopen_what_is_over(desk: Desk) -> None:
    desk.take(firing())
    desk.take(resolved())
    desk.judge()
    assert desk.take(firing()) == (0, 0, 1)
    assert desk.take(firing(minute=-30)) == (0, 0, 1)
    assert desk.row("status, judged, times") == ("resolved", 1, 4)


def test_the_same_firing_reported_long_after_its_end_did_come_back(desk: Desk) -> None:
    """Alertmanager resolves what Prometheus stops reporting; the old start returns with the network."""
    desk.take(firing())
    desk.take(resolved())
    desk.judge()
    desk.clock.forward(minutes=20)
    assert desk.take(firing()) == (1, 0, 0)
    assert desk.row("status, judged, ends_at") == ("firing", 0, "")


def test_a_new_start_after_the_end_is_a_new_firing(desk: Desk) -> None:
    desk.take(firing())
    desk.take(resolved())
    desk.judge()
    assert desk.take(firing(minute=6)) == (1, 0, 0)
    assert desk.row("status, judged, starts_at") == ("firing", 0, "2026-11-23T02:06:00.000000Z")
    assert desk.take(resolved(minute=0, end=5)) == (0, 0, 1), "the end of the firing before"
    assert desk.row("status") == ("firing",)


def test_two_monitors_that_saw_the_start_at_different_moments_agree_on_the_end(desk: Desk) -> None:
    assert desk.take(firing(minute=0.5)) == (1, 0, 0)
    assert desk.take(firing(minute=0)) == (0, 0, 1)
    assert desk.take(resolved(minute=0, end=5)) == (0, 1, 0)


def test_the_end_of_the_unknown_is_kept_quietly(desk: Desk) -> None:
    assert desk.take(resolved()) == (0, 0, 1)
    assert desk.row("status, judged") == ("resolved", 1)
    assert desk.take(firing()) == (0, 0, 1), "its beginning, delivered late"


def test_labels_of_a_source_that_keeps_its_priority_there_are_news(desk: Desk) -> None:
    desk.take(firing(priority="P3"))
    desk.judge()
    assert desk.take(firing(priority="P1")) == (0, 1, 0)
    assert desk.row("judged") == (0,)


def test_how_many_were_left_out_is_kept_and_more_of_them_is_news(desk: Desk) -> None:
    assert desk.take(firing(), truncated=2) == (1, 0, 0)
    desk.judge()
    assert desk.take(firing(), truncated=2) == (0, 0, 1)
    assert desk.take(firing(), truncated=9) == (0, 1, 0)
    assert desk.row("truncated, judged") == (9, 0)
    desk.judge()
    assert desk.take(firing(), truncated=0) == (0, 0, 1)
    assert desk.row("truncated, judged") == (0, 1)


def test_an_event_delivered_twice_is_applied_once(desk: Desk) -> None:
    assert desk.take(firing(), event_key="pagerduty:e1") == (1, 0, 0)
    assert desk.take(resolved(), event_key="pagerduty:e2") == (0, 1, 0)
    assert desk.take(firing(minute=9), event_key="pagerduty:e1") == (0, 0, 1)
    assert desk.row("status, times") == ("resolved", 2)


def test_the_same_alert_many_times_in_one_notification_is_one_row(desk: Desk) -> None:
    assert desk.take(firing(), firing(), resolved(), firing(minute=7), firing()) == (2, 1, 2)
    assert desk.row("status, times, starts_at") == ("firing", 5, "2026-11-23T02:07:00.000000Z")


def test_any_number_of_alerts_fits_the_statements(desk: Desk) -> None:
    for count in (1, 3, 255, 256, 257, 1_111):
        alerts = [firing(f"{count}-{number}") for number in range(count)]
        assert desk.take(*alerts) == (count, 0, 0)
        assert desk.take(*alerts, *alerts) == (0, 0, 2 * count)
    assert desk.store.read("SELECT COUNT(*), MIN(times), MAX(times) FROM alerts") == [(1_883, 3, 3)]


_times = st.integers(0, 5).map(lambda minute: f"2026-11-23T02:0{minute}:00.000000Z")
_reports = st.tuples(st.booleans(), _times, _times)


@given(st.lists(_reports, min_size=1, max_size=12))
def test_saying_anything_twice_is_never_news(reports: list[tuple[bool, str, str]]) -> None:
    """Whatever came before: the same report again at once wakes nobody."""
    known: Known | None = None
    for is_firing, starts_at, ends_at in reports:
        for again in (False, True):
            said = news(known, is_firing, starts_at, ends_at, "{}", 0, "")
            assert not (again and said in (News.NEW, News.CHANGED))
            if said is not News.STALE:
                known = Known(is_firing, starts_at, ends_at, "{}", 0, False, "now")
