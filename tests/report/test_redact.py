"""What must never reach a report does not, and harmless words stay as they are."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.redact import REDACTED, plain, redact, secrets_in


def built(*pieces: str) -> str:
    """A secret-looking word, put together here so that none is written in this file."""
    return "".join(pieces)


MIXED = built("Zx9", "Kq2", "Lm7", "Vb4", "Nc8", "Rt5", "Hy3", "Wp6")
SECRETS = {
    "slack": built("xo", "xb", "-", "1234567890-", MIXED),
    "aws": built("AK", "IA", "ABCDEFGH", "IJKL2345"),
    "github": built("gh", "p_", MIXED),
    "meta": built("EA", "AG", MIXED, MIXED),
    "jwt": built("ey", "J", MIXED, ".", MIXED, ".", MIXED),
    "bare": built(MIXED, MIXED),
    "hex": "0123456789abcdef" * 2,
    "webhook": built("hooks.slack", ".com/services/", "T000/B000/", MIXED),
}


@pytest.mark.parametrize("kind", SECRETS)
def test_a_token_of_a_known_shape_is_taken_out_wherever_it_stands(kind: str) -> None:
    secret = SECRETS[kind]
    for text in (secret, f"here you go\n{secret}", f"curl -H 'X: {secret}' x", f"({secret})", f"`{secret}`"):
        assert secret not in redact(text)
        assert REDACTED in redact(text)


WORD = built("q7", "wert", "y9x")


@pytest.mark.parametrize(
    "text",
    [
        "password: {}",
        "the db password is {}!",
        "a senha do banco é {}",
        "la contraseña es {}",
        "das Passwort lautet {}",
        "DB_PASSWORD={} psql -h db",
        "PGPASSWORD={} psql -h db",
        "mysql --db-password {} -h db",
        "password {} for the replica",
        'psql "host=db user=app password=Tea&{}"',
        "password=Tea&amp;{} ok",
        'password="three green {}"',
        '{{"api_key": "{}"}}',
        "export SMTP_TOKEN='{}'",
        "postgresql://belezza:{}@db:5432/app",
        "redis://:{}@cache:6379/0",
        "Authorization: Bearer {}{}",
        "-----BEGIN RSA PRIVATE " + "KEY-----\n{}\nxyz\n-----END RSA PRIVATE " + "KEY-----",
    ],
)
def test_a_secret_said_in_words_is_taken_out(text: str) -> None:
    told = redact(text.format(WORD, WORD))
    assert WORD not in told
    assert REDACTED in told


@pytest.mark.parametrize(
    ("text", "personal"),
    [
        ("write to dona.flor@example.com", "dona.flor"),
        ("call +55 11 91234-5678 please", "91234"),
        ("cpf 123.456.789-09", "456.789"),
        ("card 4111 1111 1111 1111", "1111 1111"),
        ("IBAN PT50 0002 0123 1234 5678 9015 4", "9015"),
    ],
)
def test_what_belongs_to_a_customer_is_taken_out(text: str, personal: str) -> None:
    assert personal not in redact(text)
    assert REDACTED in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "the password reset page answers 503, the token endpoint too",
        "password policy of 2026: no --password on a command line",
        "token is DEAD. not ratelimit, not outage",
        "logged in people are fine (token lasts 30 days)",
        "secret `prod/whatsapp/access-token` not found",
        "new one is in secrets manager under prod/whatsapp/token",
        "restart-service api with otp.fallback=email",
        "p99 went 240 ms → 3.8 s at 16:09:41, 1,361 attempts, AWS case 1718440092",
        "checksum sha256:" + "0123456789abcdef" * 4,
        "belezza_production_20260319T030000Z.sql.gz restored",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact(text) == text


def test_pings_html_and_links_are_made_inert() -> None:
    given_text = (
        "<!channel> <!here|here> <!subteam^S012|oncall> <@U0ABC123> @everyone <script>alert(1)</script> "
        "<img src=x onerror=alert(1)> <https://evil.example/a|click me> javascript:alert(2) www.evil.example"
    )
    told = redact(plain(given_text, {"U0ABC123": "Teco Sarmanho"}))
    for alive in (
        "<!",
        "<@",
        "@everyone",
        "<script",
        "</script",
        "<img",
        "https://",
        "javascript:",
        "www.evil",
    ):
        assert alive not in told
    assert "Teco Sarmanho" in told
    assert "click me (hxxps://evil.example/a)" in told


def test_a_query_after_a_secret_stays() -> None:
    told = redact("hxxps://x/?token=abcdef12&user=joe and token=abc12345&amp;user=joe")
    assert told == f"hxxps://x/?token={REDACTED}&user=joe and token={REDACTED}&amp;user=joe"


def test_entities_are_decoded_once() -> None:
    assert plain("a &lt;b&gt; &amp; c &amp;lt;d") == "a <b> & c &lt;d"


def test_characters_that_hide_or_reorder_are_dropped() -> None:
    assert redact("pay\u202e\u0000load\u200b") == "payload"


def test_a_secret_seen_once_is_taken_out_where_it_stands_alone() -> None:
    words = secrets_in(f"the password is {WORD} and more")
    assert WORD in words
    assert WORD not in redact(f"so {WORD} it is", words)


_PIECES = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [*SECRETS.values(), "password: x", "<!channel>", "<@U0ABC123>", "<", ">", "@", "&amp;", "://"]
    ),
    st.text(alphabet=string.ascii_letters + string.digits + " =:@<>/+.-_[]", max_size=40),
)


@given(st.lists(_PIECES, max_size=12).map("".join))
def test_redacting_twice_is_redacting_once_and_nothing_raises(text: str) -> None:
    once = redact(plain(text))
    assert redact(once) == once
    assert "<!channel>" not in once
    assert not any(secret in redact(f" {secret} ") for secret in SECRETS.values())
