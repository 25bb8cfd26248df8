"""Takes secrets out of what systems say about themselves (logs, details, traces) before people see it."""

from __future__ import annotations

import re

HIDDEN = "[hidden]"
_NAMED = (
    r"(?:pass(?:word|wd|phrase)?|pwd|senha|secret|token|api[-_.]?key|access[-_.]?key(?:[-_.]?id)?"
    r"|private[-_.]?key|credentials?|signature|authorization|cookie|session[-_.]?id|jdbc[-_.]?url)"
)
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"-----BEGIN [A-Z ]{0,40}KEY-----.*?(?:-----END [A-Z ]{0,40}KEY-----|\Z)", re.DOTALL),
        HIDDEN,
    ),
    (re.compile(r"(\b[a-z][a-z0-9+.:-]{0,30}://)[^\s/@]{1,300}@", re.IGNORECASE), rf"\1{HIDDEN}@"),
    (re.compile(r"\b(bearer|basic)\s+[\w+/=.~-]{6,}", re.IGNORECASE), rf"\1 {HIDDEN}"),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?"), HIDDEN),
    (re.compile(r"\b(?:AKIA|ASIA|AROA|AIDA)[0-9A-Z]{12,}\b"), HIDDEN),
    (re.compile(r"\b(?:xox[a-z]|xapp|gh[opsur]_|github_pat_|glpat|[spr]k_(?:live|test)_)[\w-]{8,}"), HIDDEN),
    (
        re.compile(
            rf"((?:\b|[\w.-]{{1,40}}[_.-]){_NAMED}[\w.-]{{0,20}}[\"']?\s{{0,3}}[:=]\s{{0,3}})"
            r"(?!\[hidden\])(\"[^\"\n]{1,500}\"?|'[^'\n]{1,500}'?|[^\s\"',;&)}\]]{1,500})",
            re.IGNORECASE,
        ),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"(?<![\w/.-])(?=[\w+=-]*\d)(?=[\w+=-]*[A-Za-z])[A-Za-z0-9_+-]{40,}={0,2}(?![\w/])"), HIDDEN),
)
_SECRET_NAME = re.compile(_NAMED, re.IGNORECASE)


def redacted(text: str, limit: int = 300) -> str:
    """One line of at most `limit` characters without secrets, addresses' passwords or control characters.

    What is far over the limit is cut before it is read, so that a huge text costs no more than a small one.
    """
    head = text[: 4 * limit + 1000]
    for pattern, instead in _RULES:
        head = pattern.sub(instead, head)
    line = " ".join("".join(char if char.isprintable() else " " for char in head).split())
    return line if len(line) <= limit and len(head) <= len(text) else line[: limit - 1] + "…"


def is_secret(name: str) -> bool:
    """Whether a value under this name is none for people to see."""
    return _SECRET_NAME.search(name) is not None
