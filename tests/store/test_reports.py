"""Reports and their versions in both stores."""

from __future__ import annotations

import pytest

from bot.report.keeping import Standing, State, Version, keep, stand, standing, version
from bot.store.database import Store
from bot.store.workspace import keep_workspace_url, workspace_url


def test_a_version_is_kept_beside_the_ones_before(store: Store) -> None:
    assert standing(store.read, 7) is None
    first = Version(7, 1, "ana", "2026-11-23T20:00:00.000000Z", "drafted", "text ❤ 'quoted'")
    second = Version(7, 2, "bruno", "2026-11-23T20:05:00.000000Z", "drafted", "another")
    store.write(lambda tx: keep(tx, first, Standing(State.DRAFT, 1, "ana", first.at)))
    store.write(lambda tx: keep(tx, second, Standing(State.REVIEW, 2, "bruno", second.at)))
    assert version(store.read, 7, 1) == first
    assert version(store.read, 7, 2) == second
    assert version(store.read, 7, 3) is None
    now = Standing(State.PUBLISHED, 2, "carla", second.at, 2)
    store.write(lambda tx: stand(tx, 7, now))
    assert standing(store.read, 7) == now


def test_a_version_is_never_written_over(store: Store) -> None:
    one = Version(7, 1, "ana", "2026-11-23T20:00:00.000000Z", "d", "mine")
    store.write(lambda tx: keep(tx, one, Standing(State.DRAFT, 1, "ana", one.at)))
    other = Version(7, 1, "bruno", one.at, "d", "theirs")
    with pytest.raises(Exception, match=r"(?i)unique|duplicate"):
        store.write(lambda tx: keep(tx, other, Standing(State.DRAFT, 1, "bruno", one.at)))
    assert version(store.read, 7, 1) == one


def test_the_workspaces_address_is_the_last_that_was_learned(store: Store) -> None:
    assert workspace_url(store) == ""
    for url in ("https://old.slack.com/", "https://team.slack.com/"):
        store.write(lambda tx, url=url: keep_workspace_url(tx, url))  # type: ignore[misc]
    assert workspace_url(store) == "https://team.slack.com/"
