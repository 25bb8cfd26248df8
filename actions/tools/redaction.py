"""Takes secrets out of what systems say about themselves (logs, details, traces) before people see it."""

from __future__ import annotations

import re

HIDDEN = "[hidden]"
_NAMED = (
    r"(?:pass(?:word|wd|phrase)?|pwd|senha|secret|token|api[-_.]?key|access[-_.]?key(?:[-_.]?id)?"
    r"|private[-_.]?key|credentials?|signature|authorization|cookie|session[-_.]?id|jdbc[-_.]?url)"
)
# Those that mean a secret also within a word: PGPASSWORD, clientSecret. (`pass` is in compass, too.)
_GLUED = (
    r"(?:password|passwd|passphrase|pwd|senha|secret|token|api[-_.]?key|access[-_.]?key|private[-_.]?key)"
)
_BEFORE = rf"(?:(?:\b|[\w.-]{{1,40}}[_.-]){_NAMED}|\b[\w.-]{{1,40}}{_GLUED})"
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"-----BEGIN [A-Z ]{0,40}KEY-----.*?(?:-----END [A-Z ]{0,40}KEY-----|\Z)", re.DOTALL),
        HIDDEN,
    ),
    (
        re.compile(
            r"(\b[a-z][a-z0-9+.:-]{0,30}://)(?:[^\s/]{1,300}|[^\s/@:]{0,100}:[^\s@]{1,300})@", re.IGNORECASE
        ),
        rf"\1{HIDDEN}@",
    ),
    (re.compile(r"\b(bearer|basic)\s+[\w+/=.~-]{6,}", re.IGNORECASE), rf"\1 {HIDDEN}"),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?"), HIDDEN),
    (re.compile(r"\b(?:AKIA|ASIA|AROA|AIDA)[0-9A-Z]{12,}\b"), HIDDEN),
    (re.compile(r"\b(?:xox[a-z]|xapp|gh[opsur]_|github_pat_|glpat|[spr]k_(?:live|test)_)[\w-]{8,}"), HIDDEN),
    (
        re.compile(
            rf"({_BEFORE}[\w.-]{{0,20}}\\{{0,3}}[\"']?\s{{0,3}}[:=]\s{{0,3}}|--{_BEFORE}[\w.-]{{0,20}}\s{{1,3}})"
            r"(?!\[hidden\])(\\{0,3}\"[^\"\n]{1,500}\"?|'[^'\n]{1,500}'?|[^\s\"',;&)}\]]{1,500})",
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
    cut = 4 * limit + 1000
    head = text[:cut]
    for pattern, instead in _RULES:
        head = pattern.sub(instead, head)
    line = " ".join("".join(char if char.isprintable() else " " for char in head).split())
    return line if len(line) <= limit and cut >= len(text) else line[: limit - 1] + "…"


def is_secret(name: str) -> bool:
    """Whether a value under this name is none for people to see."""
    return _SECRET_NAME.search(name) is not None
