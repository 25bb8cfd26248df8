"""How people speak in an incident, as patterns: `data/report_words.yaml`, and a few fixed forms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import yaml

from bot.findings.phrases import Phrases

_VOCABULARY = Path(__file__).resolve().parents[2] / "data" / "report_words.yaml"


def _read() -> Mapping[str, Any]:
    found = yaml.safe_load(_VOCABULARY.read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        raise TypeError(f"{_VOCABULARY.name} holds no groups of words")
    return found


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


def _clause(*words: str) -> re.Pattern[str]:
    """Any of these expressions where a clause begins."""
    day = (
        r"(?:amanh[aã]|ma[nñ]ana|hoje|hoy|(?:el|este) (?:lunes|martes|mi[eé]rcoles|jueves|viernes)"
        r"|(?:na )?(?:segunda|ter[cç]a|quarta|quinta|sexta)|semana que v(?:em|iene)|la semana que viene)"
    )
    opening = rf"(?:^|[,;:.!?(–—\n-]\s*|\b(?:and|e|y|und|ok|then|so)\s+|\b{day}\s+)"
    return re.compile(
        opening + r"(?:(?:ok|and|so|then|well|crap|aff|done|now)[,. ]+)*(?:" + "|".join(words) + r")(?!\w)",
        re.IGNORECASE,
    )


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
RELAPSE = Phrases(_WORDS["relapse"])
NO_BETTER = Phrases(_WORDS["no_better"])
ONCE_MORE = Phrases(_WORDS["once_more"])
GOING_ON = Phrases(_WORDS["going_on"])
# That it is not over: the quick look for four groups at once.
NOT_OVER = Phrases(_WORDS["relapse"] + _WORDS["once_more"] + _WORDS["going_on"] + _WORDS["no_better"])
ELSEWHERE = Phrases(_WORDS["elsewhere"])
PLANNED = Phrases(_WORDS["planned"])
FIRST = Phrases(_WORDS["first"])
FAULT: list[str] = _WORDS["fault"]
CALM: list[str] = _WORDS["calm"]
WORKING: list[str] = _WORDS["working"]
LAST: list[str] = _WORDS["last"]
NOT_TAKING = Phrases(_WORDS["not_taking"])
TROUBLE = Phrases(_WORDS["trouble"])
OWN_MACHINE = Phrases(_WORDS["own_machine"])
SAME_HERE = Phrases(_WORDS["same_here"])
CLOSING_OBJECT = Phrases(_WORDS["closing_object"])
CLOSING_WEAK = Phrases(_WORDS["closing_weak"])
ALL_WELL = Phrases(_WORDS["all_well"])
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
PLEDGE = Phrases(_WORDS["pledge"])
PLEDGE_OPENING = _clause(*_WORDS["pledge_opening"])
SHARED_PLAN = Phrases(_WORDS["shared_plan"])
SOMEBODY = Phrases(_WORDS["somebody"])
HABIT = Phrases(_WORDS["habit"])
AFTERWARDS = Phrases(_WORDS["afterwards"])
LATER = Phrases(_WORDS["later"])
LASTING = Phrases(_WORDS["lasting"])
SECRET = Phrases(_WORDS["secret"])
SECRET_DEED = Phrases(_WORDS["secret_deed"])
AT_ONCE = Phrases(_WORDS["at_once"])
WAVERING = Phrases(_WORDS["wavering"])
CONDITIONAL = _leading(*_WORDS["conditional"])
UNDONE = Phrases(_WORDS["undone"])
PARTING = Phrases(_WORDS["parting"])
PRESENCE = Phrases(_WORDS["presence"])
WRAP_UP = Phrases(_WORDS["wrap_up"])
AGREED = _leading(*_WORDS["agreed"])
DECLINED = _leading(*_WORDS["declined"])
DROPPING = Phrases(_WORDS["dropping"])
# What an item that names no day needs, while the trouble lasts: the quick look before the rules.
WORTH = Phrases(
    [
        word
        for key in ("habit", "afterwards", "later", "somebody", "action_title", "wrap_up")
        for word in _WORDS[key]
    ]
)
# "mine", "me, monday", "meu": the owner told by a word that stands alone.
MYSELF = re.compile(
    r"(?:^|[,.;:(?!–—-]\s*|\n)(?:and |e |y |und |it's |é |es )?(?:" + "|".join(_WORDS["myself"]) + r")"
    r"(?=\s*(?:$|[,.;:)!?–—-]|\n|\(|(?:by|until|till|on|at[eé]|bis|para|pra|next|today|tomorrow|hoje|hoy"
    r"|heute|amanh\w+|morgen)\b))"
    r"|\b(?:action|todo|item|is|on) (?:on )?me\b|\b(?:fica|deixa|t[aá]) comigo\b"
    r"|(?<!that )(?<!it )(?<!this )\bis mine\b",
    re.IGNORECASE,
)
STOP: frozenset[str] = frozenset(_WORDS["stop"])
ZONE_HOURS: Mapping[str, float] = _WORDS["zone_hours"]
ZONE_LETTERS: Mapping[str, str] = _WORDS["zone_letters"]
ZONE_WORDS: frozenset[str] = frozenset(_WORDS["zone_words"])
ZONE_PEOPLE: Mapping[str, str] = _WORDS["zone_people"]
OWN_CLOCK: list[str] = _WORDS["own_clock"]
OTHERS_CLOCK: list[str] = _WORDS["others_clock"]
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
# The quick look before it.
JOKE_LETTER = re.compile(r"[😂🤣😅😜🙃:;/]")
# Runs that change nothing: they prove nothing about a recovery.
LOOKING_RUN = re.compile(
    r"\b(?:look|show|list|check|verify-backup|status|inspect|dump|backup|diagnos\w*|activity|survey)\b",
    re.IGNORECASE,
)
