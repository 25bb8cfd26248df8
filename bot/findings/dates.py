"""When an action item is due: "by the 14th", "tuesday 24th", "end of next week", "amanhã"."""

from __future__ import annotations

import re
from datetime import date, timedelta

from bot.findings.month_days import end_of_month, full_day, ordinal_day

_NO_DATE = re.compile(
    r"\b(?:no (?:date|promise|deadline|eta)[\w ]{0,12}|(?:can[’']?t|cannot) (?:give|promise) (?:a"
    r"|any) (?:date|day)"
    r"|(?:date|day|when) (?:tbd|to be \w+|open)|sem (?:data|prazo)|(?:data|dia) a (?:combinar|definir)"
    r"|sin fecha|fecha (?:abierta|por definir)|ohne (?:datum|termin)|kein (?:termin|datum)|termin offen"
    r"|some ?day|eventually|irgendwann)\b",
    re.IGNORECASE,
)
_TODAY = re.compile(
    r"\b(?:today|tonight|eod|this (?:morning|afternoon|evening)|right now|hoje|hoy|esta (?:tarde|noite|noche)"
    r"|heute)\b",
    re.IGNORECASE,
)
_AFTER_TOMORROW = re.compile(
    r"\b(?:(?:the )?day after tomorrow|depois de amanh[aã]|pasado ma[nñ]ana|[uü]bermorgen)\b", re.IGNORECASE
)
_TOMORROW = re.compile(
    r"\b(?:tomorrow|tmrw|tmw|amanh[aã]|(?<!esta )(?<!la )(?<!de )ma[nñ]ana"
    r"|(?<!guten )(?<!heute )(?<!gestern )morgen)\b",
    re.IGNORECASE,
)
# "segunda", "quarta" and their like are numbers, too, where a thing follows.
_ALONE = (
    r"(?:-feira\b|(?=\s*(?:$|[,.;:!?)\n]|(?:que v|de manh|[aà]s?\b|cedo|pela|sem|t[aá]\b|est[aá]|ok|eu"
    r"|j[aá]|no|na"
    r"|ou|e|com|antes|pra|para|feira|d[ae] semana)\b|de manh|que v)))"
)
_DAYS = (
    rf"mon(?:day)?\b|segunda{_ALONE}|lunes\b|montags?\b",
    rf"tue(?:s|sday)?\b|ter[cç]a{_ALONE}|martes\b|dienstags?\b",
    rf"wed(?:s|nesday)?\b|quarta{_ALONE}|mi[eé]rcoles\b|mittwochs?\b",
    rf"thu(?:rs?|rsday)?\b|quinta{_ALONE}|jueves\b|donnerstags?\b",
    rf"fri(?:day)?\b|sexta{_ALONE}|viernes\b|freitags?\b",
    r"sat(?:urday)?\b|s[aá]bado\b|samstags?\b",
    r"sun(?:day)?\b|domingo\b|sonntags?\b",
)
_NEXT = r"next |n[aä]chste[nr]? |kommende[nr]? |pr[oó]xim[ao] "
_OF_NEXT_WEEK = (
    r"\s*,?\s*(?:of )?(?:next week|da (?:semana que vem|pr[oó]xima semana)|de la (?:pr[oó]xima semana"
    r"|semana que viene)|n[aä]chster woche)"
)
_WEEKDAYS = tuple(
    re.compile(
        rf"\b(?P<next>{_NEXT})?(?<!black )(?<!good )(?:{names})"
        rf"(?:(?P<week>{_OF_NEXT_WEEK})|\s+que v(?:em|iene))?(?!\s+(?:passad[ao]|pasado)\b)",
        re.IGNORECASE,
    )
    for names in _DAYS
)
_SHORT_NEEDS = re.compile(
    r"(?:\b(?:by|on|until|till|next|this|before|due|pr|mr)\s+|[,;:(–—-]\s*)$", re.IGNORECASE
)
# What stands before a weekday that is over, or that comes again and again.
_NOT_DUE = re.compile(
    r"\b(?:last|past|since|every|each|previous|from|desde|cada|toda|tod[oa]s?|[uú]ltim[ao]|letzte[nrm]?"
    r"|vorige[nrm]?|seit|jede[nrm]?)(?:\s+(?:last|o|a|as|os|el|los|la|dem))?\s+$",
    re.IGNORECASE,
)
_END_OF = re.compile(
    r"\b(?:(?:end of|fim d[aeo]|final d[aeo]|fin(?:al)? de|ende)\s+(?:the |la |der |des )?"
    r"(?P<next>next|following|pr[oó]xim[ao]|n[aä]chste[rnms]*|kommende[rnms]*)?\s*"
    r"(?P<unit>week|month|sprint|semana|m[eê]s|mes|woche|monats?)(?:\s+que (?P<vem>vem|viene))?"
    r"|(?P<eo>eo[wm]))\b",
    re.IGNORECASE,
)
_WEEK = re.compile(
    r"\b(?P<next>next week|(?:na )?(?:pr[oó]xima semana|semana que v(?:em|iene)|semana pr[oó]xima)"
    r"|(?:n[aä]chste|kommende) woche)\b|\b(?:this week|(?:ainda )?esta semana|nesta semana|diese woche)\b",
    re.IGNORECASE,
)
_IN = re.compile(
    r"\b(?:in|within|em|daqui a|dentro de|en)\s+(?P<count>an?|one|two|three|um|uma|dois|duas|una?|dos"
    r"|tr[eê]s|ein(?:er|em)?|zwei|drei|\d{1,2})\s+"
    r"(?P<unit>days?|dias?|d[ií]as?|tag(?:en)?|weeks?|semanas?|wochen?)\b",
    re.IGNORECASE,
)
# The quick look at a text in lower case: without one of these no day is named.
NAMES_A_DAY = re.compile(
    r"day\b|amanh|semana|\d(?:st|nd|rd|th)\b|(?<![\d.:/,])\d{1,2}[./]\d{1,2}(?![\d%:/])|20\d\d-\d|(?:mon|diens|donners|frei|sams"
    r"|sonn)tags?\b|\btag(?:en)?\b"
    r"|\b(?:tomorrow|tonight|tmrw|tmw|eod|eow|eom|this (?:week|morning|afternoon|evening)|next (?:week"
    r"|month)|right now|eventually"
    r"|(?:no|when|date|day|any|the) (?:date|promise|deadline|eta|tbd|to be|open)|(?:a|any) date"
    r"|sem (?:data|prazo)|(?:data|dia) a|dia \d{1,2}|d[ií]a \d{1,2}"
    r"|sin fecha|fecha|ohne (?:datum|termin)|kein(?:en)? (?:termin|datum)|termin|irgendwann|(?:end"
    r"|late) (?:of|[a-z]+)|f[ei]n?m? d[aeo]|fin(?:al)?(?:es)? d[aeo]|ende"
    r"|hoje|hoy|esta (?:tarde|noite|noche)|heute|[uü]?bermorgen|morgen|ma[nñ]ana|woche|monats?|(?:am"
    r"|zum) \d{1,2}"
    r"|mon|tues?|wed|thur?s?|fri|sat|sun|segunda|ter[cç]a|quarta|quinta|sexta|s[aá]bado|domingo|lunes"
    r"|martes|mi[eé]rcoles|jueves|viernes|mittwochs?"
    r"|(?:in|within|em|en|daqui a|dentro de)\s+(?:an?|one|two|three|um|uma|dois|duas|una?|dos|tr[eê]s"
    r"|ein\w*|zwei|drei|\d{1,2})\s+(?:[dwst]|tag)\w*"
    r"|\d{1,2}\W{0,2}\s*(?:of |de )?(?:jan|f[eé][bv]|m[aä]r|a[pb]r|ma[yi]|jun|jul|a[ug]|sep|set|o[cku]t"
    r"|nov|de[cz]|dic|ene|ago)\w*"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|märz|mai|okt"
    r"|dez)\w*\.?\s+(?:the\s+)?\d{1,2})(?:\b|st|nd|rd|th)"
)
_COUNTS = {"two": 2, "dois": 2, "duas": 2, "dos": 2, "zwei": 2, "three": 3, "tres": 3, "três": 3, "drei": 3}
_NEGATED = re.compile(r"\b(?:not|n[aã]o|no|nicht)\s+(?:on |by |until |am |el |na |bis )?$", re.IGNORECASE)


def due_date(text: str, today: date, month_first: bool = False) -> tuple[date | None, str]:
    """The day that a text names as due, and its words; (None, words) where it says there is none.

    A weekday is the next one after today; "end of" a week is its Friday; a day of the month without a
    month is the next to come. `month_first` reads 2/5 as the fifth of February.
    """
    if not NAMES_A_DAY.search(text.lower()):
        return None, ""
    found = _NO_DATE.search(text)
    if found:
        return None, found[0]
    due, words = full_day(text, today, month_first)
    if words:
        return due, words
    for read in (ordinal_day, _weekday, _end_of, _in, _simple):
        due, words = read(text, today)
        if words:
            return due, words
    return None, ""


def _weekday(text: str, today: date) -> tuple[date | None, str]:
    """The first weekday of the text that is one to come."""
    found: list[tuple[int, int, re.Match[str]]] = []
    for number, form in enumerate(_WEEKDAYS):
        hit = next((one for one in form.finditer(text) if _comes(one, text)), None)
        if hit is not None:
            found.append((hit.start(), number, hit))
    if not found:
        return None, ""
    _, number, hit = min(found, key=lambda one: one[0])
    if hit["week"]:
        return _monday(today) + timedelta(days=7 + number), hit[0]
    return today + timedelta(days=(number - today.weekday()) % 7 or 7), hit[0]


def _comes(hit: re.Match[str], text: str) -> bool:
    before = text[: hit.start()]
    brief = len(hit[0]) <= 4 and not _SHORT_NEEDS.search(before)
    return not (brief or _NOT_DUE.search(before) or _NEGATED.search(before))


def _end_of(text: str, today: date) -> tuple[date | None, str]:
    hit = _END_OF.search(text)
    if not hit:
        return None, ""
    following = bool(hit["next"] or hit["vem"])
    unit = (hit["unit"] or hit["eo"]).lower()
    if unit in ("month", "mês", "mes", "monat", "monats", "eom"):
        return end_of_month(today, 1 if following else 0), hit[0]
    return _monday(today) + timedelta(days=4 + (7 if following else 0)), hit[0]


def _in(text: str, today: date) -> tuple[date | None, str]:
    hit = _IN.search(text)
    if not hit:
        return None, ""
    count = int(hit["count"]) if hit["count"].isdigit() else _COUNTS.get(hit["count"].lower(), 1)
    weeks = hit["unit"].lower().startswith(("week", "semana", "woche"))
    return today + timedelta(days=count * (7 if weeks else 1)), hit[0]


def _simple(text: str, today: date) -> tuple[date | None, str]:
    for form, days in ((_AFTER_TOMORROW, 2), (_TOMORROW, 1), (_TODAY, 0)):
        hit = next((one for one in form.finditer(text) if not _NEGATED.search(text[: one.start()])), None)
        if hit:
            return today + timedelta(days=days), hit[0]
    hit = _WEEK.search(text)
    if hit:
        return _monday(today) + timedelta(days=11 if hit["next"] else 4), hit[0]
    return None, ""


def _monday(today: date) -> date:
    return today - timedelta(days=today.weekday())
