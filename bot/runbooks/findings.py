"""What drbot's own looks found, shortened to a line each, what alarms first. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.looked import Looked
from bot.domain.run import Run, RunState

LINES_AT_MOST = 6
SENTENCE = 110
LINE = 240
_ALARM = re.compile(
    r"\b(?:not|never|down|dead|fail\w*|unhealthy|unreachable|restart(?:s|ed|ing)|exited|stopped|kill\w*|oom\w*"
    r"|out of|full|exhaust\w*|block(?:s|ed|ing)|deadlock\w*|stuck|idle in transaction|expire[sd]?|refus\w*"
    r"|denied|timed? ?out|too (?:long|many|few|old|late)|over|above|missing|gone|lost|wait(?:s|ing)?|error\w*"
    r"|slow\w*|critical|warning|leak\w*|lag\w*|9\d(?:\.\d+)? ?%|100 ?%)",
    re.IGNORECASE,
)
_CALM = re.compile(
    r"\b(?:no|none|nobody|nothing|0|zero|without|not a single)\b(?: \S+){0,5} ?$|\bnot (?:yet )?$",
    re.IGNORECASE,
)

# What a survey says around its reason: on a card of findings only the reason counts.
_REASSURED = re.compile(
    r"^the survey could not look just now: |[.;]? ?nothing was changed(?:; try again in a moment)?\.?$",
    re.IGNORECASE,
)
_UNPLANNED = re.compile(r"the plan names no |the plan has no | is not set, so ")


@dataclass(frozen=True)
class Finding:
    """One look on an incident's card. `run` tells the rest; `done` is false while it still looks."""

    title: str
    said: str
    alarming: bool
    run: int | None
    at: str
    done: bool = True


def findings(looked: Sequence[Looked], runs: Mapping[int, Run]) -> tuple[Finding, ...]:
    """A line for each look, those that alarm first; never more than six."""
    found = [_finding(one, runs.get(one.run) if one.run else None) for one in looked]
    return tuple(sorted(found, key=lambda one: (not one.done, not one.alarming))[:LINES_AT_MOST])


def _finding(looked: Looked, run: Run | None) -> Finding:
    title = looked.title
    if run is None:
        said = _REASSURED.sub("", looked.said) or "its run is gone"
        return Finding(title, _short(said, LINE), not _UNPLANNED.search(said), None, looked.at)
    if not run.state.ended:
        return Finding(title, "looking…", False, run.id, looked.at, done=False)
    if run.state is not RunState.VERIFIED:
        return Finding(title, _short(_REASSURED.sub("", run.outcome), LINE), True, run.id, looked.at)
    alarms = [said for said, light in run.judged if _alarms(said, light)]
    calm = [one for one in run.evidence if one not in alarms]
    return Finding(title, _joined([*alarms, *calm]) or "found nothing", bool(alarms), run.id, looked.at)


def _alarms(sentence: str, light: str) -> bool:
    """By the look's own judgement; only where it judged nothing, by its words."""
    return light in ("amber", "red") if light else alarms_by(sentence)


def alarms_by(sentence: str) -> bool:
    """Whether a sentence tells of something wrong: `1 is unhealthy` does, `none is unhealthy` does not."""
    return any(not _CALM.search(sentence[: found.start()]) for found in _ALARM.finditer(sentence[:1_000]))


def _joined(sentences: Sequence[str]) -> str:
    said, left = "", 0
    for sentence in sentences:
        short = _short(sentence, SENTENCE)
        if said and len(said) + len(short) > LINE:
            left += 1
        else:
            said = f"{said}; {short}" if said else short
    return f"{said} (+{left})" if left else said


def _short(text: str, limit: int) -> str:
    text = " ".join(text.split()).rstrip(".")
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"
