"""The social account: posted whole and once; what apprise does not tell apart is left to a person."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import requests

from bot.domain.outbound import Later, Never, Sent, Unknown
from bot.ways import social
from bot.ways.social import Social
from tests.real.outside import Faults, Reply, served
from tests.real.social import KEYS, TOKEN, Network
from tests.ways.jobs_at_hand import TEXT, a_post, ending, taken_up

NETWORKS = ("X", "Mastodon")
NOWHERE = "mastodon://local-token@127.0.0.1:9"


def address(network: Network, name: str) -> str:
    return network.x_url if name == "X" else network.mastodon_url


def to(url: str) -> Social:
    return Social({"DR_SOCIAL_URL": url}, read_s=0.4)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_text_is_posted_as_it_was_approved(network: Network, name: str) -> None:
    text = "Logins <fail> & *we* know: :smile: \\n #status @ana\n\nMore at https://status.belezza.example/7"
    sent = to(address(network, name)).send(taken_up(a_post(text)), "")
    assert network.posts == [text]
    assert sent.said.startswith(f"posted on {name}")


def test_a_post_on_x_is_told_with_its_link(network: Network) -> None:
    sent = to(network.x_url).send(taken_up(a_post()), "")
    assert sent.remote == f"https://x.com/i/web/status/{network.kept[0].id}"
    assert sent.said == f"posted on X: {sent.remote}"


def test_x_takes_no_text_twice_and_says_so(network: Network) -> None:
    way = to(network.x_url)
    way.send(taken_up(a_post()), "")
    outcome = ending(way, taken_up(a_post()))
    assert isinstance(outcome, Never)
    assert "403 (You are not allowed to create a Tweet with duplicate content.)" in str(outcome)
    assert network.posts == [TEXT]


@pytest.mark.parametrize(("name", "limit"), [("X", 280), ("Mastodon", 500)])
def test_a_text_that_is_too_long_never_leaves(network: Network, name: str, limit: int) -> None:
    way = to(address(network, name))
    outcome = ending(way, taken_up(a_post("x" * (limit + 1))))
    assert isinstance(outcome, Never)
    assert str(outcome) == f"the text has {limit + 1} letters, {name} takes {limit}"
    assert network.asked == 0
    assert isinstance(ending(way, taken_up(a_post("x" * limit))), Sent)


def test_x_counts_links_and_emoji_as_it_does(network: Network) -> None:
    long = "https://status.belezza.com/incidents/" + "a" * 300
    way = to(network.x_url)
    assert isinstance(ending(way, taken_up(a_post("y" * 256 + " " + long))), Sent)
    outcome = ending(way, taken_up(a_post("🔥" * 141)))
    assert isinstance(outcome, Never)
    assert "282 letters" in str(outcome)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "DR_SOCIAL_URL is not set"),
        ("nothing at all", "no address that apprise understands"),
        ("x://local-a/local-b/local-c/local-d", "lacks mode=tweet"),
    ],
)
def test_a_setting_that_cannot_post_is_named(url: str, said: str) -> None:
    outcome = ending(to(url), taken_up(a_post()))
    assert isinstance(outcome, Never)
    assert said in str(outcome)
    assert "local-" not in str(outcome)


@pytest.mark.parametrize("name", NETWORKS)
def test_keys_that_are_wrong_are_a_refusal(network: Network, name: str) -> None:
    outcome = ending(to(address(network, name).replace("local-", "wrong-")), taken_up(a_post()))
    assert isinstance(outcome, Never)
    assert "401" in str(outcome)
    assert network.posts == []


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize(
    ("status", "end"),
    [(302, Never), (402, Never), (429, Later), (503, Later), (500, Unknown), (504, Unknown)],
)
def test_what_a_status_says(network: Network, name: str, status: int, end: type) -> None:
    network.faults.next(status=status)
    outcome = ending(to(address(network, name)), taken_up(a_post()))
    assert type(outcome) is end
    assert str(status) in str(outcome)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("kind", ["cut", "hang"])
def test_an_answer_that_did_not_come_is_left_to_a_person(
    network: Network, name: str, kind: str, after: bool
) -> None:
    network.faults.next("cut" if kind == "cut" else "hang", after=after)
    way = to(address(network, name))
    outcome = ending(way, taken_up(a_post()))
    assert isinstance(outcome, Unknown)
    assert network.asked == (1 if after else 0)
    with pytest.raises(Unknown, match="cannot read what the account shows"):
        way.find(taken_up(a_post()), "")


def test_it_waits_no_longer_than_it_may(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long a network drips: the attempt is left, and may still arrive."""
    monkeypatch.setattr(social, "WHOLE_S", 0.3)
    network.faults.next("hang")
    outcome = ending(Social({"DR_SOCIAL_URL": network.x_url}, read_s=30.0), taken_up(a_post()))
    assert isinstance(outcome, Unknown)
    assert "no answer came from X" in str(outcome)


def test_where_nobody_listens_nothing_was_posted() -> None:
    outcome = ending(to(NOWHERE), taken_up(a_post()))
    assert isinstance(outcome, Later)
    assert "cannot be reached" in str(outcome)


def test_the_address_cannot_make_it_post_twice_or_hide_a_failure(network: Network) -> None:
    network.faults.next(status=500, after=True)
    url = f"{network.mastodon_url}?retry=3&wait=0&optional=yes&overflow=split"
    outcome = ending(to(url), taken_up(a_post()))
    assert isinstance(outcome, Unknown)
    assert network.posts == [TEXT]
    assert isinstance(ending(to(url), taken_up(a_post("x" * 501))), Never)


def test_a_limit_that_x_names_holds_up_nobody(network: Network) -> None:
    """X's answer says that nothing is left until 2100: the next post still asks, and X decides."""
    way = to(network.x_url)
    assert isinstance(ending(way, taken_up(a_post("first"))), Sent)
    assert isinstance(ending(way, taken_up(a_post("second"))), Sent)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that reaches the root of the log, in detail. (pytest's own listens below the root, too.)"""
    root, heard = logging.getLogger(), io.StringIO()
    handler, level = logging.StreamHandler(heard), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield heard
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.mark.parametrize("name", NETWORKS)
def test_no_key_is_logged_or_told(
    network: Network, name: str, log: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    url = address(network, name)
    outcomes = [ending(to(url), taken_up(a_post("one")))]
    for status in (401, 500):
        network.faults.next(status=status)
        outcomes.append(ending(to(url), taken_up(a_post(f"{status}"))))
    outcomes.append(ending(to(f"x{url}"), taken_up(a_post())))
    logging.getLogger().debug("the log is listened to")
    told = log.getvalue() + "".join(capfd.readouterr()) + " ".join(map(str, outcomes))
    assert "the log is listened to" in told
    assert not [secret for secret in (TOKEN, *KEYS.values(), url) if secret in told]


def test_a_refusal_that_echoes_a_key_is_told_without_it() -> None:
    said = json.dumps({"error": f"the token {TOKEN} was taken back"}).encode()
    with served(lambda _request: Reply(403, said), Faults()) as url:
        outcome = ending(to(f"mastodon://{TOKEN}@{url.removeprefix('http://')}"), taken_up(a_post()))
    assert isinstance(outcome, Never)
    assert "403 (the token [secret] was taken back)" in str(outcome)


def test_people_see_what_was_posted(network: Network) -> None:
    to(network.mastodon_url).send(taken_up(a_post("Logins <fail>.")), "")
    assert "Logins &lt;fail&gt;." in requests.get(network.url, timeout=5).text


def test_the_strict_network_takes_no_app_alone_and_no_field_that_is_not_published(network: Network) -> None:
    alone = requests.post(
        network.x_endpoint, json={"text": "x"}, headers={"Authorization": "Bearer local-app"}, timeout=5
    )
    assert alone.status_code == 403
    forged = requests.post(
        network.x_endpoint, json={"text": "x"}, headers={"Authorization": 'OAuth oauth_token="x"'}, timeout=5
    )
    assert forged.status_code == 401
    toot = requests.post(
        f"{network.url}/api/v1/statuses",
        json={"status": "x", "poll": {}},
        headers={"Authorization": f"Bearer {TOKEN}"},
        timeout=5,
    )
    assert toot.status_code == 422
    assert network.posts == []
