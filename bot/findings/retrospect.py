"""What went well, what went badly, where it was luck: what the record suggests. People judge it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bot.findings import words
from bot.findings.dossier import Dossier
from bot.findings.records import Claim, Kept, Looks

_LIMIT = 6
_WELL = re.compile(
    r"\b(?:went well|worked well|saved us|good call|helped a lot|funcionou bem|foi bem|sali[oó] bien"
    r"|lief gut|hat gut funktioniert)\b",
    re.IGNORECASE,
)
_LUCK = re.compile(r"\b(?:luck(?:y|ily)?|by chance|sorte|suerte|gl[uü]ck(?:licherweise)?)\b", re.IGNORECASE)
_BADLY = ("run-failed", "run-stopped", "run-undone", "seat-vacant", "not-sent-outside")
_BADLY_TOO = ("breaker-opened", "incident-reopened", "alerts-truncated")


def looks(dossier: Dossier, kept: Sequence[Kept], lessons: Iterable[Claim]) -> Looks:
    """At most six suggestions for each question, each with its evidence; nothing that the record lacks."""
    told = tuple(lessons)
    lucky = [one for one in told if _LUCK.search(one.text)]
    well = [one for one in told if _WELL.search(one.text)]
    badly = [one for one in told if one not in lucky and one not in well]
    runs = [
        Claim(one.what, dossier.proof(one), one.when)
        for one in dossier.moments("run-verified", "runbook-done")
        if not words.LOOKING_RUN.search(one.what)  # that it could look was no success
    ]
    trouble = [Claim(one.what, dossier.proof(one), one.when) for one in dossier.moments(*_BADLY, *_BADLY_TOO)]
    return Looks(
        well=_few([*(one.said for one in kept if one.kept), *runs, *well]),
        badly=_few([*(one.said for one in kept if one.kept is False), *trouble, *badly]),
        lucky=_few(lucky),
    )


def _few(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    return tuple({one.text: one for one in claims if one.evidence}.values())[:_LIMIT]
