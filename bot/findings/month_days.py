"""Days that a text names by month or number: "2026-10-09", "2 sept", "1/22", "the 14th", "end of March"."""

from __future__ import annotations

import re
from datetime import date, timedelta

_MONTHS = (
    r"jan(?:uary|eiro)?|enero|januar",
    r"feb(?:ruary|rero|ruar)?|fev(?:ereiro)?",
    r"mar(?:ch|[cç]o|zo)?|m[aä]rz",
    r"apr(?:il)?|abr(?:il)?",
    r"may|maio|mayo|mai",
    r"june?|junh?o|juni",
    r"july?|julh?o|juli",
    r"aug(?:ust)?|ago(?:sto)?",
    r"sept?(?:ember)?|set(?:embro)?|septiembre",
    r"oct(?:ober|ubre)?|out(?:ubro)?|okt(?:ober)?",
    r"nov(?:ember|embro|iembre)?",
    r"dec(?:ember)?|dez(?:embro|ember)?|dic(?:iembre)?",
)
_MONTH = "|".join(f"(?P<m{number}>{names})" for number, names in enumerate(_MONTHS, 1))
# "1 may be slow", "500 set up": words that are no months there.
_NO_MONTH = r"(?!\s+(?:be|have|not|need|up|to|the|it)\b)"
_ISO = re.compile(r"\b(20\d\d)-(\d\d)-(\d\d)\b")
_NAMED = (
    re.compile(
        rf"\b(?:{_MONTH})\.?\s+(?:the\s+)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?![:%.]\d)", re.IGNORECASE
    ),
    re.compile(
        rf"(?<![.,:\d])\b(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.|º)?\s*(?:of\s+|de\s+)?(?:{_MONTH})\b{_NO_MONTH}",
        re.IGNORECASE,
    ),
)
_END_OF_MONTH = re.compile(
    rf"\b(?:end of|late|fim de|final de|fin(?:al)?(?:es)? de|ende)\s+(?:{_MONTH})\b", re.IGNORECASE
)
_NUMERIC = re.compile(
    r"(?<![\d.:/,])(?P<one>\d{1,2})(?P<mark>[/.])(?P<two>\d{1,2})(?:[/.](?P<year>20\d\d|\d\d))?"
    r"(?P<dot>\.)?(?![\d%:/]|[^\W\d])"
)
_DUE_BEFORE = re.compile(
    r"(?:\b(?:by|until|till|due|before|at[eé]|em|on|bis|am|zum|vom|para|pra|hasta|el|dia|d[ií]a|to|for"
    r"|mon|tue|tues|wed|thu|thur|thurs|fri|mo|di|mi|do|fr)\.?\s+(?:o |el |zum )?|[,;:(–—-]\s*)$",
    re.IGNORECASE,
)
# "5.5" and "2.4" are versions and shares as well; these words and a nought make a day of them.
_DAY_BEFORE = re.compile(
    r"\b(?:bis|am|zum|vom|dia|d[ií]a|por|de|until|due)\s+(?:o |el |zum )?$", re.IGNORECASE
)
_NOT_BEFORE = re.compile(r"\b(?:not|n[aã]o|no|nicht)\s+(?:on |by |until |am |el |bis )?$", re.IGNORECASE)
_ENDS = re.compile(r"\s*(?:$|[,;.!?)\]–—\n-])")
_ORDINAL = re.compile(
    r"\b(?:the\s+)?(\d{1,2})(?:st|nd|rd|th)\b"
    r"(?=\s*(?:$|[,.;:!?)\]–—\n-]|(?:ok|at|latest|please|pls|if|and|or|for|in|morning|then|works|is)\b))"
    r"|\b(?:at[eé] (?:o |el )?d[ií]a|(?<!por )(?<!al )(?<!\d )d[ií]a|el d[ií]a|bis zum|am|zum)\s+(\d{1,2})\b"
    r"(?![:.,/]\d|\s*(?:%|h\b|uhr))",
    re.IGNORECASE,
)


def full_day(text: str, today: date, month_first: bool) -> tuple[date | None, str]:
    """A day with its month, and its words."""
    hit = _ISO.search(text)
    if hit:
        return day_of(int(hit[1]), int(hit[2]), int(hit[3])), hit[0]
    for form in _NAMED:
        hit = form.search(text)
        if hit:
            return _coming(today, _month(hit), int(hit["day"])), hit[0]
    hit = _END_OF_MONTH.search(text)
    if hit:
        first = _coming(today, _month(hit), 1) or today
        return _last_of(first.year, first.month), hit[0]
    return _numeric(text, today, month_first)


def ordinal_day(text: str, today: date) -> tuple[date | None, str]:
    """ "by the 14th": a day of this month or, where it is over, of the next."""
    hit = _ORDINAL.search(text)
    if not hit:
        return None, ""
    day = int(hit[1] or hit[2])
    this_month = day_of(today.year, today.month, day)
    if this_month is not None and this_month >= today:
        return this_month, hit[0]
    year, month = (today.year + 1, 1) if today.month == 12 else (today.year, today.month + 1)
    return day_of(year, month, day), hit[0]


def end_of_month(today: date, months_ahead: int) -> date:
    months = today.month - 1 + months_ahead
    return _last_of(today.year + months // 12, months % 12 + 1)


def day_of(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _numeric(text: str, today: date, month_first: bool) -> tuple[date | None, str]:
    """ "1/22", "27.11.": which is the day, a number over 12 tells, then a dot, then the writer's custom."""
    for hit in _NUMERIC.finditer(text):
        if not _is_day(hit, text):
            continue
        one, two = int(hit["one"]), int(hit["two"])
        swap = two > 12 or (month_first and hit["mark"] == "/" and one <= 12)
        day, month = (two, one) if swap else (one, two)
        if not 1 <= month <= 12 or day == 0:
            continue
        if hit["year"]:
            return day_of(int(hit["year"]) % 100 + 2000, month, day), hit[0]
        return _coming(today, month, day), hit[0]
    return None, ""


def _is_day(hit: re.Match[str], text: str) -> bool:
    before = text[: hit.start()]
    if _NOT_BEFORE.search(before):
        return False
    if hit["mark"] == "." and not hit["year"]:
        padded = "0" in (hit["one"][0], hit["two"][0]) and _DUE_BEFORE.search(before) is not None
        return bool(hit["dot"]) or padded or _DAY_BEFORE.search(before) is not None
    return _DUE_BEFORE.search(before) is not None and _ENDS.match(text, hit.end()) is not None


def _month(hit: re.Match[str]) -> int:
    return next(number for number in range(1, 13) if hit[f"m{number}"])


def _last_of(year: int, month: int) -> date:
    following = date(year + 1, 1, 1) if month == 12 else date(year, month + 1, 1)
    return following - timedelta(days=1)


def _coming(today: date, month: int, day: int) -> date | None:
    found = day_of(today.year, month, day)
    return day_of(today.year + 1, month, day) if found is not None and (today - found).days > 60 else found
