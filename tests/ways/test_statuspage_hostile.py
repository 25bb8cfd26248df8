"""Whatever answers in the status page's place: it comes to an end that a person can read, without the key."""

from __future__ import annotations

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.outbound import Later, Never, Sent, Unknown
from bot.ways.statuspage import StatusPage
from tests.real import statuspage as real
from tests.real.outside import Faults, Reply, served
from tests.ways.jobs_at_hand import creation, ending, taken_up


def test_the_key_is_in_no_words_of_a_refusal() -> None:
    said = json.dumps({"error": f"key {real.KEY} may not\n\x1b[31mwrite" + "y" * 9_000}).encode()
    outcome = answered(Reply(403, said))
    assert isinstance(outcome, Never)
    assert "key [key] may not" in str(outcome)
    assert_fit_to_be_read(outcome)


BODIES = st.binary(max_size=200) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.just(real.KEY),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["id", "error", "shortlink", "metadata", "incident_updates"]), inner
        )
    ),
    max_leaves=8,
).map(lambda value: json.dumps(value).encode())


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(
    status=st.sampled_from([200, 201, 204, 302, 400, 401, 403, 404, 418, 420, 422, 429, 500, 599]),
    body=BODIES,
)
def test_whatever_is_answered_comes_to_one_of_four_ends(status: int, body: bytes) -> None:
    reply = Reply(status, b"" if status == 204 else body)
    outcome = answered(reply)
    assert isinstance(outcome, Sent) <= (status < 300)
    assert isinstance(outcome, Later) == (status in (420, 429))
    assert isinstance(outcome, Never) == (300 <= status < 500 and status not in (420, 429))
    assert_fit_to_be_read(outcome)


def answered(reply: Reply) -> Sent | Later | Never | Unknown:
    """What a creation comes to where the page answers so, whatever it is asked."""
    with served(lambda _request: reply, Faults()) as url:
        environment = {
            "STATUSPAGE_API_KEY": real.KEY,
            "STATUSPAGE_PAGE_ID": "p",
            "DR_STATUSPAGE_API_URL": url,
        }
        return ending(StatusPage(environment, pause=lambda _s: None), taken_up(creation()))


def assert_fit_to_be_read(outcome: Sent | Later | Never | Unknown) -> None:
    said = outcome.said if isinstance(outcome, Sent) else str(outcome)
    assert real.KEY not in said
    assert said.isprintable()
    assert len(said) < 500
