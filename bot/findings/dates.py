"""When an action item is due: "by the 14th", "tuesday 24th", "end of next week", "amanhã"."""

from __future__ import annotations

import re
from datetime import date, timedelta

_NO_DATE = re.compile(
    r"\b(?:no (?:date|promise|deadline|eta)[\w ]{0,12}|sem (?:data|prazo)|sin fecha|ohne datum"
    r"|kein termin|some ?day|eventually)\b",
    re.IGNORECASE,
)
_TODAY = re.compile(r"\b(?:today|tonight|eod|hoje|hoy|heute|right now)\b", re.IGNORECASE)
_TOMORROW = re.compile(r"\b(?:tomorrow|amanh[aã]|ma[nñ]ana|morgen)\b", re.IGNORECASE)
_DAYS = (
    r"mon(?:day)?|segunda(?:-feira)?|lunes|montag",
    r"tue(?:s|sday)?|ter[cç]a(?:-feira)?|martes|dienstag",
    r"wed(?:s|nesday)?|quarta(?:-feira)?|mi[eé]rcoles|mittwoch",
    r"thu(?:rs?|rsday)?|quinta(?:-feira)?|jueves|donnerstag",
    r"fri(?:day)?|sexta(?:-feira)?|viernes|freitag",
    r"sat(?:urday)?|s[aá]bado|samstag",
    r"sun(?:day)?|domingo|sonntag",
)
# What stands before a weekday that is over, or that comes again and again.
_NOT_DUE = re.compile(
    r"\b(?:last|past|since|every|each|desde|cada|toda|[uú]ltim[ao]|letzte[nrm]?|vorige[nrm]?|seit|jede[nrm]?)"
    r"(?:\s+(?:last|o|a|el|la|dem))?\s+$",
    re.IGNORECASE,
)
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
_ISO = re.compile(r"\b(20\d\d)-(\d\d)-(\d\d)\b")
_NAMED = (
    re.compile(rf"\b(?:{_MONTH})\.?\s+(?:the\s+)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?!:)", re.IGNORECASE),
    re.compile(rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.|º)?\s*(?:of\s+|de\s+)?(?:{_MONTH})\b", re.IGNORECASE),
)
_NUMERIC = re.compile(r"(?<![\d.:/])(\d{1,2})[/.](\d{1,2})(?:[/.](20\d\d))?\.?(?![\d%:/]|\w)")
_ORDINAL = re.compile(
    r"\b(?:the\s+)?(\d{1,2})(?:st|nd|rd|th)\b|\b(?:até (?:o )?dia|dia|el d[ií]a|bis zum)\s+(\d{1,2})\b",
    re.IGNORECASE,
)
_END_OF = re.compile(
    r"\b(?:end of|fim d[ae]|final d[ae]|fin(?:al)? de|ende)\s+(?P<next>next|(?:the )?"
    r"(?:following)|pr[oó]xima|(?:der )?n[aä]chste[rn]?)?\s*"
    r"(?P<unit>week|month|sprint|semana|m[eê]s|mes|woche|monat)(?:\s+que (?P<vem>vem|viene))?",
    re.IGNORECASE,
)
_NEXT_WEEK = re.compile(
    r"\b(?:next week|(?:na )?(?:pr[oó]xima semana|semana que v(?:em|iene))|n[aä]chste woche)\b", re.IGNORECASE
)
_IN = re.compile(
    r"\b(?:in|within|em|dentro de|en)\s+(?P<count>an?|one|two|three|um|uma|dois|duas|una?|dos"
    r"|tres|ein(?:er|em)?|zwei|drei|\d{1,2})\s+"
    r"(?P<unit>days?|dias?|d[ií]as?|tag(?:en)?|weeks?|semanas?|wochen?)\b",
    re.IGNORECASE,
)
_COUNTS = {"two": 2, "dois": 2, "duas": 2, "dos": 2, "zwei": 2, "three": 3, "tres": 3, "drei": 3}


def due_date(text: str, today: date) -> tuple[date | None, str]:
    """The day that a text names as due, and its words; (None, words) where it says there is none.

    A weekday is the next one after today; "end of" a week is its Friday; a day of the month without a
    month is the next to come.
    """
    found = _NO_DATE.search(text)
    if found:
        return None, found[0]
    for read in (_full, _ordinal, _weekday, _end_of, _in, _simple):
        due, words = read(text, today)
        if words:
            return due, words
    return None, ""


def _full(text: str, today: date) -> tuple[date | None, str]:
    hit = _ISO.search(text)
    if hit:
        return _day(int(hit[1]), int(hit[2]), int(hit[3])), hit[0]
    for form in _NAMED:
        hit = form.search(text)
        if hit:
            month = next(number for number in range(1, 13) if hit[f"m{number}"])
            return _coming(today, month, int(hit["day"])), hit[0]
    hit = _NUMERIC.search(text)
    if (
        hit
        and 1 <= int(hit[2]) <= 12
        and re.search(r"\b(?:by|until|due|até|em|on|bis|am|para|hasta|el)\s+$", text[: hit.start()], re.I)
    ):
        if hit[3]:
            return _day(int(hit[3]), int(hit[2]), int(hit[1])), hit[0]
        return _coming(today, int(hit[2]), int(hit[1])), hit[0]
    return None, ""


def _ordinal(text: str, today: date) -> tuple[date | None, str]:
    hit = _ORDINAL.search(text)
    if not hit:
        return None, ""
    day = int(hit[1] or hit[2])
    this_month = _day(today.year, today.month, day)
    if this_month is not None and this_month >= today:
        return this_month, hit[0]
    year, month = (today.year + 1, 1) if today.month == 12 else (today.year, today.month + 1)
    return _day(year, month, day), hit[0]


def _weekday(text: str, today: date) -> tuple[date | None, str]:
    for number, names in enumerate(_DAYS):
        form = (
            rf"\b(?P<next>next |n[aä]chsten |pr[oó]xim[ao] )?(?:{names})"
            r"(?P<vem> que v(?:em|iene))?(?! passad[ao]\b| pasado\b)\b"
        )
        for hit in re.finditer(form, text, re.IGNORECASE):
            before = text[: hit.start()]
            if len(hit[0]) <= 4 and not re.search(r"\b(?:by|on|until|next)\s+$|,\s*$", before, re.I):
                continue
            if not _NOT_DUE.search(before):
                return today + timedelta(days=(number - today.weekday()) % 7 or 7), hit[0]
    return None, ""


def _end_of(text: str, today: date) -> tuple[date | None, str]:
    hit = _END_OF.search(text)
    if not hit:
        return None, ""
    following = bool(hit["next"] or hit["vem"])
    if hit["unit"].lower() in ("month", "mês", "mes", "monat"):
        months = today.month + (1 if following else 0)
        year, month = today.year + months // 12, months % 12 + 1
        return date(year, month, 1) - timedelta(days=1), hit[0]
    monday = today - timedelta(days=today.weekday())
    return monday + timedelta(days=4 + (7 if following else 0)), hit[0]


def _in(text: str, today: date) -> tuple[date | None, str]:
    hit = _IN.search(text)
    if not hit:
        return None, ""
    count = int(hit["count"]) if hit["count"].isdigit() else _COUNTS.get(hit["count"].lower(), 1)
    weeks = hit["unit"].lower().startswith(("week", "semana", "woche"))
    return today + timedelta(days=count * (7 if weeks else 1)), hit[0]


def _simple(text: str, today: date) -> tuple[date | None, str]:
    hit = _TOMORROW.search(text)
    if hit:
        return today + timedelta(days=1), hit[0]
    hit = _TODAY.search(text)
    if hit:
        return today, hit[0]
    hit = _NEXT_WEEK.search(text)
    if hit:
        return today - timedelta(days=today.weekday()) + timedelta(days=11), hit[0]
    return None, ""


def _coming(today: date, month: int, day: int) -> date | None:
    found = _day(today.year, month, day)
    return _day(today.year + 1, month, day) if found is not None and (today - found).days > 60 else found


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
