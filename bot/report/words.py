"""How people speak in an incident, as patterns: `data/report_words.yaml`, and a few fixed forms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

_VOCABULARY = Path(__file__).resolve().parents[2] / "data" / "report_words.yaml"


def _read() -> Mapping[str, Any]:
    found = yaml.safe_load(_VOCABULARY.read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        raise TypeError(f"{_VOCABULARY.name} holds no groups of words")
    return found


def _whole(words: list[str]) -> re.Pattern[str]:
    """Any of these expressions as whole words."""
    return re.compile(r"(?<!\w)(?:" + "|".join(words) + r")(?!\w)", re.IGNORECASE)


def _leading(*words: str) -> re.Pattern[str]:
    """Any of these expressions as the first words."""
    return re.compile(r"^\W*(?:" + "|".join(words) + r")\b", re.IGNORECASE)


_WORDS = _read()

HEDGE = _whole(_WORDS["hedge"])
JOKE = _whole(_WORDS["joke"])
OFF_TOPIC = _whole(_WORDS["off_topic"])
DENIAL = _whole(_WORDS["denial"])
REVERSAL = _whole(_WORDS["reversal"])
FOUND = _whole(_WORDS["found"])
ROOT = _whole(_WORDS["root"])
BROKE = _whole(_WORDS["broke"])
CONFIRMED = _whole(_WORDS["confirmed"])
UNKNOWN_CAUSE = _whole(_WORDS["unknown_cause"])
SYMPTOM = _whole(_WORDS["symptom"])
SERVICE = _whole(_WORDS["service"])
SCOPE = _whole(_WORDS["scope"])
HARM = _whole(_WORDS["harm"])
TAKING = _whole(_WORDS["taking"])
OVER = _whole(_WORDS["over"])
STRONG_OVER = _whole(_WORDS["strong_over"])
AGAIN = _whole(_WORDS["again"])
CLOSING = _whole(_WORDS["closing"])
NOT_CLOSING = _whole(_WORDS["not_closing"])
FIX = _whole(_WORDS["fix"])
BEGIN = _whole(_WORDS["begin"])
LESSON = _whole(_WORDS["lesson"])
PROMISE = _whole(_WORDS["promise"])
INJECTED = _whole(_WORDS["injected"])
CORRECTED = _whole(_WORDS["corrected"])
CLEAR_CORRECTION = _whole(_WORDS["clear_correction"])

REFUSED = _leading(*_WORDS["refused"])
NOBODY = _whole(_WORDS["nobody"])
MYSELF = _whole(_WORDS["myself"])
STOP: frozenset[str] = frozenset(_WORDS["stop"])
ZONE_HOURS: Mapping[str, int] = _WORDS["zone_hours"]
ZONE_PLACES: Mapping[str, str] = _WORDS["zone_places"]

IMPERATIVE = re.compile(
    r"^\W*(?:\(?\d+[.):]\s*|[-*•]\s*)?(?:" + "|".join(_WORDS["imperative"]) + r")\b", re.IGNORECASE
)
DEED = _leading(*_WORDS["deed"])
WITHDRAWN = _leading(r"(?:ok(?:ay)?,? )?(?:" + "|".join(_WORDS["withdrawn"]) + ")")
ASKING = _leading(*_WORDS["asking"])
EXPLICIT_ACTION = re.compile(
    r"^\W*(?:" + "|".join(_WORDS["action_title"]) + r")\s*\d*\s*[:\-–]\s*", re.IGNORECASE
)
REGRADED = re.compile(
    r"\b(?:" + "|".join(_WORDS["regrading"]) + r")\b[^.?!\n]{0,40}?\bsev[- ]?(?P<level>[1-4])\b",
    re.IGNORECASE,
)
NUMBERED = re.compile(r"^\W*\(?\d{1,2}[.):]\s+\S")
JOKE_SIGN = re.compile(
    r"[😂🤣😅😜🙃]|:(?:joy|rofl|sweat_smile|upside_down_face|stuck_out_tongue\w*|laughing):"
    r"|(?<!\S)[:;]-?[)pP](?!\w)|(?<!\S)/s\b"
)
# Runs that change nothing: they prove nothing about a recovery.
LOOKING_RUN = re.compile(
    r"\b(?:look|show|list|check|verify-backup|status|inspect|dump|backup|diagnos\w*|activity|survey)\b",
    re.IGNORECASE,
)
