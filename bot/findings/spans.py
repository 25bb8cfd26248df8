"""Spans of time in words: "7 minutes ago", "há 10 min", "for half an hour", "ten minutes"."""

from __future__ import annotations

import re

# Numbers in words, each as an expression: the same word may mean one in several languages.
_COUNTS = {
    "half an|meia|media|eine[rn]? halben": 0.5,
    "an?|one|uma?|una?|eine[rn]?": 1,
    "two|dois|duas|dos|zwei|a couple of": 2,
    "three|tr[eê]s|drei|a few": 3,
    "four|quatro|cuatro|vier": 4,
    "five|cinco|f[uü]nf": 5,
    "six|seis|sechs": 6,
    "seven|sete|siete|sieben": 7,
    "eight|oito|ocho|acht": 8,
    "nine|nove|nueve|neun": 9,
    "ten|dez|diez|zehn": 10,
    "twelve|doze|doce|zw[oö]lf": 12,
    "fifteen|quinze|quince|f[uü]nfzehn": 15,
    "twenty|vinte|veinte|zwanzig": 20,
    "thirty|trinta|treinta|drei[sß]+ig": 30,
    "forty|quarenta|cuarenta|vierzig": 40,
}
_NAMES = [(re.compile(name), value) for name, value in _COUNTS.items()]
_UNITS = {"s": 1, "m": 60, "h": 3600}
_COUNT = rf"(?P<count>\d{{1,3}}|(?<!\w)(?:{'|'.join(_COUNTS)}))"
_UNIT = r"(?P<unit>s(?:ec\w*|eg\w*|ek\w*)?|m(?:in\w*)?|h(?:\b|ours?|oras?|rs?)|stunden?)"
_SPAN = re.compile(rf"(?<![\d.,:]){_COUNT}\s*{_UNIT}(?!\w)", re.IGNORECASE)
_LEAD = r"(?:há|hace|vor|for(?: the)?(?: last| past)?)\s+(?:(?:uns|umas|cerca de|unos|etwa|ca\.|about)\s+)?"
_AGO = re.compile(
    rf"(?P<lead>{_LEAD})?(?<![\d.,:]){_COUNT}\s*{_UNIT}(?!\w)(?P<ago>\s+(?:ago|atr[aá]s))?", re.IGNORECASE
)


def ago_span(text: str) -> tuple[float, int, int] | None:
    """The seconds of the first "… ago" (or "há …", "vor …") of a text and where it stands, or None."""
    for hit in _AGO.finditer(text):
        led = re.match(r"(?:há|hace|vor)\b", hit[0], re.IGNORECASE)
        if hit["ago"] or led:
            return _seconds(hit), hit.start(), hit.end()
    return None


def duration_s(text: str) -> float | None:
    """The first span of a text in seconds, or None: "for 6 min now", "more than an hour"."""
    hit = _SPAN.search(text)
    return _seconds(hit) if hit else None


def _seconds(hit: re.Match[str]) -> float:
    unit = "h" if hit["unit"].lower().startswith("st") else hit["unit"][0].lower()
    return _count(hit["count"].lower()) * _UNITS[unit]


def _count(text: str) -> float:
    if text.isdigit():
        return int(text)
    return next((value for name, value in _NAMES if name.fullmatch(text)), 1)
