"""A pasted call keeps no secret, and stays readable where it held none."""

from __future__ import annotations

import pytest

from bot.redact import redact, secrets_in


def made_up() -> str:
    """Words that look like nobody's token, put together here so that none is written in this file."""
    return "_".join(("tangerine", "4417", "lamp"))


LEAKS = [
    "curl -X PUT -H 'X-Acme-Staff: {}' https://deploy.acme.example/v1 -d '{{}}'",
    'curl --header "Zone: {}" https://a.example',
    'http POST a.example -H "X-Who:{}"',
    "wget --header='X-Shop-Door: {}' https://a.example",
    "curl -HX-Lane:{} https://a.example",
    "curl -H 'Authorization: {}' a.example",
    "curl -s -u deploy:{} https://a.example/x",
    "curl --user deploy:{} https://a.example/x",
    "curl -b 'sid={}' https://a.example",
    "GET / HTTP/1.1\nHost: a.example\nCookie: sid={}",
    "Set-Cookie: sid={}; Path=/",
    "Authorization: {}",
    "GET / HTTP/1.1\nX-Staff-Login: {}",
    "mysql -h db -u root -p{} shop",
    "redis-cli -h cache -a {} info",
    "sshpass -p {} ssh box",
]


@pytest.mark.parametrize("text", LEAKS)
def test_what_lets_somebody_in_is_taken_out_of_a_pasted_call(text: str) -> None:
    told = redact(text.format(made_up()))
    assert made_up() not in told
    assert "[redacted]" in told
    assert redact(told) == told


@pytest.mark.parametrize("text", LEAKS)
def test_and_is_taken_out_wherever_else_it_stands(text: str) -> None:
    hidden = secrets_in(text.format(made_up()))
    assert made_up() not in redact(f"is {made_up()} still good?", hidden)


@pytest.mark.parametrize(
    "text",
    [
        "curl -H 'Content-Type: application/json' -H 'Accept: text/plain' a.example",
        "curl -H 'Host: api.acme.example' -H 'X-Request-Id: 8f3a-22' a.example",
        'curl -H "X-Acme-Staff: $STAFF" a.example',
        "docker run -u 1000:1000 image_7",
        "mysql -P 3306 -h db shop",
        "redis-cli -p 6379 info",
        "authorization: we lost it for two minutes",
        "the cookie: not set on 3 pages",
        "our session: 40 people, 2 hours",
        "POST /v3/payout HTTP/1.1 Host: gw.acme.example X-Sig-Key: k6",
        "-H means header: see page 12",
        "x-auth-node: b",
    ],
)
def test_a_call_without_secrets_stays_readable(text: str) -> None:
    assert redact(text) == text
