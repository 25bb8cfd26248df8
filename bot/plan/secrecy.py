"""Secrets have no place in the plan: it is read by many and kept in Git. Comments are looked at too."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.plan.finding import Finding, Review

_SHAPES = (
    ("a private key", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")),
    ("a Slack token", re.compile(r"\bxox[a-z]-[\w-]{6,}|\bxapp-[\w-]{6,}|hooks\.slack\.com/services/\w")),
    ("an AWS access key", re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{12,}\b")),
    ("a service's token", re.compile(r"\b(?:gh[opsur]_|github_pat_|glpat-|sk_live_|hvs\.)[\w-]{8,}")),
    ("a signed web token", re.compile(r"\beyJ[\w-]{8,}\.[\w-]{4,}")),
    ("a password in an address", re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/@:]*:(?![$<\[{])[^\s@/]+@")),
    (
        "a password or token",
        re.compile(
            r"(?i)(?:passw(?:or)?d|senha|secret|token|api[-_]?key|access[-_]?key)[\w-]{0,20}[\"']?\s*[:=]\s*"
            r"[\"']?(?![$<\[{])[^\s\"',;]{8,}"
        ),
    ),
    ("a bearer token", re.compile(r"(?i)\bbearer\s+(?![$<\[{])[\w.~+/=-]{16,}")),
    ("a key", re.compile(r"(?<![\w/.-])(?=[A-Za-z0-9+]*[0-9])(?=[A-Za-z0-9+]*[a-z])(?=[A-Za-z0-9+]*[A-Z])"
                         r"[A-Za-z0-9+]{32,}={0,2}(?![\w/.-])")),
)  # fmt: skip


def secrets_in_file(review: Review) -> Iterator[Finding]:
    """A fault for each line that holds something that looks like a secret; the secret is not repeated."""
    for number, line in enumerate(review.source.text.splitlines(), start=1):
        kind = next((name for name, shape in _SHAPES if shape.search(line[:2_000])), None)
        if kind:
            said = (
                f"this looks like {kind}: take it out, change it where it is used (it has been in a file),"
                " and name the environment variable that holds it"
            )
            yield Finding("fault", number, "the plan", said)
