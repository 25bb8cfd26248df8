"""Numbers that people state: money in any currency and grouping, and counts with what they count."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.findings import words
from bot.findings.reading import number_value, stem

_AMOUNT = r"\d+(?:[.,]\d+)*"
_SCALE = r"(?:\s?(?:k|m|mn|bn|mil|mi|mio|thousand|million|milh[oõ]\w+|mill[oó]n\w*|tausend|crores?|lakhs?)\b)"
_SIGN = r"(?:(?:US|R|A|C)?\$|[€£¥₹₽₺₩]|\b(?:EUR|USD|GBP|BRL|INR|CHF|PLN|SEK|NOK|DKK|MXN|ARS|CAD|AUD|JPY)\b)"
_NAMED = r"(?:€|£|\b(?:EUR|euros?|reais|dollars?|dólares|pounds?|quid|rupees?|pesos|francs?|franken|zł)\b)"
MONEY = re.compile(
    rf"{_SIGN}\s?(?P<before>{_AMOUNT})(?P<scale>{_SCALE}?)|(?P<after>{_AMOUNT})(?P<scale2>{_SCALE}?)\s?{_NAMED}",
    re.IGNORECASE,
)
# The quick look that spares most messages the dearer one.
MONEY_SIGN = re.compile(rf"\d\s?{_NAMED}|\d{_SCALE}\s?{_NAMED}|{_SIGN}\s?\d", re.IGNORECASE)
# A quicker one, at a text in lower case: without one of these there is no money.
_CURRENCY = re.compile(
    r"[€$£¥₹₽₺₩]|\b(?:eur|euros?|usd|gbp|brl|inr|chf|pln|sek|nok|dkk|mxn|ars|cad|aud|jpy|reais|dollars?|dólares"
    r"|pounds?|quid|rupees?|pesos|francs?|franken|zł)\b"
)
_COUNT = re.compile(
    rf"(?<![\w.,:/$€£₹#+-])(?P<number>{_AMOUNT})(?![\w%:/])(?P<after>(?:\s+[^\W\d_][\w'’-]*){{1,4}})"
)
_PRICE_TAG = re.compile(r"\s*(?:each|apiece|per\b|cada|por\b|pro\b|je\b|/)", re.IGNORECASE)
# Below this it is the price of one thing.
_LEAST_MONEY = 100
_NOUN_WORDS = 3


@dataclass(frozen=True)
class Count:
    """A counted thing: `seat` for "318 doubled seats". `noun` is empty for "1,312 offline"."""

    number: str
    noun: str
    start: int
    harmed: bool = False


def money_in(text: str) -> re.Match[str] | None:
    """The first amount of money that is more than the price of one thing, or None."""
    if not _CURRENCY.search(text.lower()) or not MONEY_SIGN.search(text):
        return None
    for hit in MONEY.finditer(text):
        scaled = (hit["scale"] or hit["scale2"] or "").strip()
        value = _value(hit["before"] or hit["after"])
        if (scaled or value >= _LEAST_MONEY) and not _PRICE_TAG.match(text, hit.end()):
            return hit
    return None


def counts_in(text: str) -> Iterator[Count]:
    """Every count of something that people have, do or wait for; not of machines or units."""
    for hit in _COUNT.finditer(text):
        found = _counted(hit)
        if found is not None:
            yield found


def amount(number: str) -> float:
    """The value of a number as written: `36.240` and `9,38,40,500` hold thousands."""
    return _value(number)


def _counted(hit: re.Match[str]) -> Count | None:
    harmed = False
    for word in hit["after"].lower().split()[:_NOUN_WORDS]:
        if words.MACHINERY.match_whole(word) or words.UNIT.match_whole(word):
            return None
        if words.HARM.match_whole(word):
            harmed = True
        elif word in words.STOP:
            if harmed:
                break
            return None
        elif not words.QUALIFIER.match_whole(word) and len(word) > 2:
            return Count(hit["number"], stem(word), hit.start(), harmed)
    return Count(hit["number"], "", hit.start(), True) if harmed else None


def _value(number: str) -> float:
    if re.fullmatch(r"\d{1,3}(?:,\d{2,3})*,\d{3}", number):
        return float(number.replace(",", ""))
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d{1,2})?", number):
        return float(number.replace(".", "").replace(",", "."))
    if re.fullmatch(r"\d{1,3}(?:,\d{2,3})*,\d{3}\.\d{1,2}", number):
        return float(number.replace(",", ""))
    try:
        return float(number_value(number))
    except ValueError:
        return 0.0
