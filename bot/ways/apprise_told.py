"""What apprise's log tells of one attempt, where its answer is only yes or no.

Its plugins log alike: `error=403.` where the other end refused, `Response Details:` with the body, and
`Socket Exception:` where none answered. What they do not say stays unsaid.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

import msgspec
from apprise.result import AppriseResult, AppriseResultStatus

WORDS_LETTERS = 200
SECRET_LETTERS = 4
_STATUS = re.compile(r"\berror=(\d{3})\b")
_DETAILS = re.compile(r"Response Details:\s*(b(['\"]).*\2)\s*\Z", re.DOTALL)
_EXCEPTION = re.compile(r"Socket Exception: |Exception received when |Connection error occurred")
_UNREACHED = re.compile(
    r"Failed to establish a new connection|Failed to resolve|\(connect timeout=|CERTIFICATE_VERIFY_FAILED"
    r"|Unable to connect to proxy|Cannot connect to proxy"
)
_LINK = re.compile(r"Details: (https://\S{1,200}/status/\d{1,30})\Z")


@dataclass(frozen=True)
class Told:
    """`status`: the last refusal's HTTP status, 0 where there was none. `words`: the other end's own.

    `unreached`: no connection came about. `link`: where the post is, '' where apprise does not say.
    """

    taken: bool
    status: int = 0
    words: str = ""
    unreached: bool = False
    link: str = ""


class _Refusal(msgspec.Struct):
    """What X, Mastodon and Bluesky put into the body of a refusal."""

    detail: str = ""
    error_description: str = ""
    message: str = ""
    error: str = ""
    title: str = ""


def told_by(result: AppriseResult, url: str) -> Told:
    """What the one attempt came to. No part of the `url` is in its words."""
    attempts = [attempt for one in result.results for attempt in one.attempts]
    if attempts and all(one.status == AppriseResultStatus.SUCCESS for one in attempts):
        return Told(taken=True, link=_link(str(one.message) for one in result.logs()))
    lines = [str(one.message) for one in result.logs()]
    statuses = [int(hit[1]) for line in lines if (hit := _STATUS.search(line))]
    broken = [line for line in lines if _EXCEPTION.search(line)]
    if broken or len(statuses) != 1:  # an exception after a refusal: the last word is not the refusal's
        return Told(taken=False, unreached=not statuses and any(map(_UNREACHED.search, broken)))
    words = next((_words(hit[1]) for line in lines if (hit := _DETAILS.search(line))), "")
    return Told(taken=False, status=statuses[0], words=_without_secrets(words, url))


def _link(lines: Iterable[str]) -> str:
    return next((hit[1] for line in lines if (hit := _LINK.search(line))), "")


def _words(printed: str) -> str:
    """The refusal's reason out of the body as Python prints it; '' where it holds none."""
    try:
        refusal = msgspec.json.decode(ast.literal_eval(printed), type=_Refusal)
    except (msgspec.MsgspecError, SyntaxError, ValueError, TypeError):
        return ""
    said = refusal.detail or refusal.error_description or refusal.message or refusal.error or refusal.title
    line = " ".join("".join(one if one.isprintable() else " " for one in said[:2000]).split())
    return line if len(line) <= WORDS_LETTERS else f"{line[: WORDS_LETTERS - 1]}…"


def _without_secrets(words: str, url: str) -> str:
    place, _, asked = url.partition("://")[2].partition("?")
    parts = {part for part in re.split(r"[/@:]+", unquote(place)) if len(part) >= SECRET_LETTERS}
    parts |= {value for _, value in parse_qsl(asked) if len(value) >= 2 * SECRET_LETTERS}
    for secret in sorted(parts, key=len, reverse=True):
        words = words.replace(secret, "[secret]")
    return words
