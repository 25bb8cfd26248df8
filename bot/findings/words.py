"""How people speak in an incident, as patterns: `data/report_words.yaml`, and a few fixed forms."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import yaml

_VOCABULARY = Path(__file__).resolve().parents[2] / "data" / "report_words.yaml"


def _read() -> Mapping[str, Any]:
    found = yaml.safe_load(_VOCABULARY.read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        raise TypeError(f"{_VOCABULARY.name} holds no groups of words")
    return found


class Phrases:
    """Any of these expressions as whole words, in any case.

    Texts are lowered before the search: that is three times as fast as a search that ignores case.
    """

    def __init__(self, words: list[str]) -> None:
        self._pattern = re.compile(r"(?<!\w)(?:" + "|".join(words) + r")(?!\w)")

    def search(self, text: str) -> re.Match[str] | None:
        return self._pattern.search(text.lower())

    def search_lowered(self, text: str) -> re.Match[str] | None:
        """The same for a text that is lower case already."""
        return self._pattern.search(text)

    def match(self, text: str) -> re.Match[str] | None:
        return self._pattern.match(text.lower())

    def match_whole(self, word: str) -> bool:
        """Whether one word in lower case is one of these."""
        return self._pattern.fullmatch(word) is not None

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        return self._pattern.finditer(text.lower())


def _cities() -> dict[str, str]:
    """The cities of the IANA zones by their names in lower case; a name that is a word, too, is none."""
    regions = ("Africa/", "America/", "Asia/", "Australia/", "Europe/", "Pacific/")
    words = ("center", "easter", "knox", "male", "nome", "troll", "yap", "marigot", "eire")
    names = sorted(one for one in available_timezones() if one.startswith(regions))
    found = {one.rpartition("/")[2].replace("_", " ").lower(): one for one in names}
    return {city: zone for city, zone in found.items() if city not in words and len(city) > 3}


def _leading(*words: str) -> re.Pattern[str]:
    """Any of these expressions as the first words."""
    return re.compile(r"^\W*(?:" + "|".join(words) + r")\b", re.IGNORECASE)


_WORDS = _read()

HEDGE = Phrases(_WORDS["hedge"])
JOKE = Phrases(_WORDS["joke"])
OFF_TOPIC = Phrases(_WORDS["off_topic"])
DENIAL = Phrases(_WORDS["denial"])
REVERSAL = Phrases(_WORDS["reversal"])
FOUND = Phrases(_WORDS["found"])
ROOT = Phrases(_WORDS["root"])
BROKE = Phrases(_WORDS["broke"])
MECHANISM = Phrases(_WORDS["broke"] + _WORDS["mechanism"])
PUSHBACK = Phrases(_WORDS["pushback"])
ADMISSION = Phrases(_WORDS["admission"])
CONSEQUENCE = Phrases(_WORDS["consequence"])
WAS_IT = Phrases(_WORDS["was_it"])
HEARSAY = Phrases(_WORDS["hearsay"])
CONFIRMED = Phrases(_WORDS["confirmed"])
UNKNOWN_CAUSE = Phrases(_WORDS["unknown_cause"])
SYMPTOM = Phrases(_WORDS["symptom"])
SERVICE = Phrases(_WORDS["service"])
SCOPE = Phrases(_WORDS["scope"])
HARM = Phrases(_WORDS["harm"])
MACHINERY = Phrases(_WORDS["machinery"])
UNIT = Phrases(_WORDS["unit"])
HYPOTHETICAL = Phrases(_WORDS["hypothetical"])
QUALIFIER = Phrases(_WORDS["qualifier"])
TOTAL = Phrases(_WORDS["total"])
PEAK = Phrases(_WORDS["peak"])
SHARE = Phrases(_WORDS["share"])
USUAL = Phrases(_WORDS["usual"])
# A figure that somebody put beside others: the quick look for three groups at once.
WEIGHED = Phrases(_WORDS["total"] + _WORDS["peak"] + _WORDS["usual"])
WELL = Phrases(_WORDS["well"])
GUESSED_NUMBER = Phrases(_WORDS["guessed_number"])
TAKING = Phrases(_WORDS["taking"])
OVER = Phrases(_WORDS["over"])
STRONG_OVER = Phrases(_WORDS["strong_over"])
AGAIN = Phrases(_WORDS["again"])
CLOSING = Phrases(_WORDS["closing"])
NOT_CLOSING = Phrases(_WORDS["not_closing"])
FIX = Phrases(_WORDS["fix"])
DOING = Phrases(_WORDS["doing"])
BEGIN = Phrases(_WORDS["begin"])
LESSON = Phrases(_WORDS["lesson"])
PROMISE = Phrases(_WORDS["promise"])
INJECTED = Phrases(_WORDS["injected"])
BLAME = Phrases(_WORDS["blame"])
OUTSIDERS = Phrases(_WORDS["outsiders"])
USELESS = Phrases(_WORDS["useless"])
UNMENDED = Phrases(_WORDS["unmended"] + _WORDS["useless"])
CORRECTED = Phrases(_WORDS["corrected"])
CLEAR_CORRECTION = Phrases(_WORDS["clear_correction"])

REFUSED = _leading(*_WORDS["refused"])
NOBODY = Phrases(_WORDS["nobody"])
MYSELF = Phrases(_WORDS["myself"])
STOP: frozenset[str] = frozenset(_WORDS["stop"])
ZONE_HOURS: Mapping[str, int] = _WORDS["zone_hours"]
# Every place that the world's list of zones is named by, and those that people say instead.
ZONE_PLACES: Mapping[str, str] = _cities() | _WORDS["zone_places"]

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
