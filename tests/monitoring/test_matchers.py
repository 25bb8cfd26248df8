"""Matchers are read strictly: what is read means the same to Alertmanager, and never hushes everything."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.monitoring.matchers import Matcher, joined, read_matchers
from actions.tools.redaction import HIDDEN, redacted

NAMES = st.from_regex(r"[a-z_]{1,8}", fullmatch=True)
VALUES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("HikariPoolExhausted", 'alertname="HikariPoolExhausted"'),
        ('alertname="X"', 'alertname="X"'),
        ("alertname=X,instance=api-1:8080", 'alertname="X",instance="api-1:8080"'),
        ('{ alertname = "X" , job=~"api|web" }', 'alertname="X",job=~"api|web"'),
        ('alertname="X",env!="staging"', 'alertname="X",env!="staging"'),
        ('alertname="a \\"b\\" \\\\ c"', 'alertname="a \\"b\\" \\\\ c"'),
        (r'alertname="X",instance=~"api\.local"', r'alertname="X",instance=~"api\\.local"'),
        ('alertname="with, comma and {brace}"', 'alertname="with, comma and {brace}"'),
        ('severity="critical",job="api"', 'job="api",severity="critical"'),
        ('instance=~"api-[0-9][0-9]"', 'instance=~"api-[0-9][0-9]"'),
    ],
)
def test_what_is_read(text: str, read: str) -> None:
    assert joined(read_matchers(text)) == read


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is no matcher"),
        ("   ", "is no matcher"),
        ("{}", "is no matcher"),
        ("two words", "is no matcher"),
        ('alertname="X"x', "is no matcher"),
        ('alertname="X",', "is no matcher"),
        (',alertname="X"', "is no matcher"),
        ('alertname="X" or vector(1)', "is no matcher"),
        ('alertname="X', "is no matcher"),
        ('alertname=="X"', "is no matcher"),
        ("alertname='X'", "is no matcher"),
        ('{alertname="X"', "one brace"),
        ('alertname=~"("', "broken expression"),
        ('alertname=~"[[:alpha:]]"', "read differently"),
        (f'alertname=~"{"a" * 201}"', "longer than 200"),
        (f'alertname="{"a" * 500}"', "longer than 500"),
        (",".join(f'l{n}="x"' for n in range(11)), "more than 10"),
        ('alertname=""', "hush everything"),
        ('alertname=~".*"', "hush everything"),
        ('alertname=~".+"', "hush everything"),
        ('alertname=~"(?s:.+)"', "hush everything"),
        ('alertname=~"X|.*"', "hush everything"),
        ('alertname!="X"', "hush everything"),
        ('alertname!~"X"', "hush everything"),
        ('alertname=~".+",instance=~"..*"', "hush everything"),
        ('severity="critical"', "everything of one severity"),
        ('severity=~"critical|warning",env="production"', "everything of one env, severity"),
        ('severity="critical",alertname=~".*"', "everything of one severity"),
    ],
)
def test_what_is_not_read(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_matchers(text)


@given(st.lists(st.tuples(NAMES, VALUES, st.booleans()), min_size=1, max_size=5))
def test_what_is_written_is_read_back(parts: list[tuple[str, str, bool]]) -> None:
    written = [Matcher("alertname", "X"), *(Matcher(n, v, is_equal=equal) for n, v, equal in parts)]
    text = joined(sorted(written, key=str))
    if len(text) <= 500:
        assert joined(read_matchers(text)) == text


@given(st.text(max_size=200) | st.text('alertnm="~!,{}\\.*+[]()|', max_size=60))
def test_anything_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        found = read_matchers(text)
        assert read_matchers(joined(found)) == found
        assert not all(one.allows("") for one in found)


@pytest.mark.parametrize(
    "text",
    [
        "password=local-word and more",
        "jdbc:postgresql://app:local-word@db:5432/belezza",
        "Authorization: Bearer local-word-local",
        '{"spring.datasource.password": "local-word"}',
        "DB_PASSWORD='local-word'",
        "https://drbot:local-word@prometheus/metrics",
    ],
)
def test_secrets_are_hidden(text: str) -> None:
    shown = redacted(text)
    assert HIDDEN in shown
    assert "local-word" not in shown


@pytest.mark.parametrize(
    "text",
    [
        "PGPASSWORD=local-word psql",
        "clientSecret=local-word",
        '{"accessToken":"local-word and more"}',
        '{\\"dbPassword\\": \\"local-word\\"}',
        "mysqldump --password local-word shop",
        "redis://:p@local-word@cache:6379/0",
        "postgres://shop:p/local-word@db/shop",
    ],
)
def test_secrets_under_glued_names_are_hidden(text: str) -> None:
    assert "local-word" not in redacted(text)


def test_a_short_line_is_not_told_as_cut() -> None:
    assert redacted("SECRET_KEY_BASE=abc") == f"SECRET_KEY_BASE={HIDDEN}"
    assert redacted("x" * 2300)[-1] == "…"
    assert redacted("compass: north, bypass=true") == "compass: north, bypass=true"


@given(st.text(max_size=3000))
def test_what_is_shown_is_one_bounded_line(text: str) -> None:
    shown = redacted(text, limit=100)
    assert len(shown) <= 100
    assert "\n" not in shown
