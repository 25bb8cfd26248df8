"""Takes out of a text what a report must never carry: secrets, live pings, active HTML and live links.

Everything here is pure and never raises. `plain` reads Slack's own notation once; `redact` may be
applied again and again (a redacted text stays as it is).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from bot.request_secrets import MARK, without_request_secrets

REDACTED = MARK
TEXT_LIMIT = 40_000

# A word that says "what follows is a secret", in the languages that the team writes.
_GUARDED = (
    r"(?:pass(?:word|wd|phrase|wort)?|pwd|senha|contrase[nñ]a|kennwort|mot de passe|secret|segredo|token"
    r"|api[-_ ]?key|access[-_ ]?key(?:[-_ ]?id)?|private[-_ ]?key|secret[-_ ]?key|credentials?|signature)"
)
_SHAPES = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?s:.*?)(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)|\b(?:"
    + "|".join(
        (
            r"eyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?",  # JSON web tokens
            r"xox[a-z]-[\w-]{6,}|xapp-[\w-]{6,}",
            r"A(?:KIA|SIA|ROA|IDA)[0-9A-Z]{12,}\b",
            r"(?:gh[opsur]_|github_pat_|glpat-|[spr]k_(?:live|test)_|whsec_|npm_|pypi-)[\w-]{8,}",
            r"(?:sk|key|SG|hvs|dop_v1|shpat|shpss)[-_.][\w.-]{16,}",
            r"AIza[\w-]{20,}|EAA[A-Za-z0-9]{20,}",
            r"hooks\.slack\.com/(?:services|workflows)/\S+",
        )
    )
    + ")"
)
# Cheap looks that spare most texts the dearer ones.
_MENTIONS_SECRET = re.compile(_GUARDED + r"|bearer|basic", re.IGNORECASE)
_SECRET_WORDS = (
    *("pass", "pwd", "senha", "contrase", "kennwort", "secret", "segredo", "token", "api", "key"),
    *("credential", "signature", "bearer", "basic"),
)
_MANY_DIGITS = re.compile(r"(?:\d[^\d\n]{0,3}){8}")
_BEARER = re.compile(
    r"\b(bearer|basic|token)(\s+)(?=[\w+/=.~-]*\d|[\w+/=.~-]{20})[\w+/=.~-]{8,}", re.IGNORECASE
)
_URL_CREDENTIALS = re.compile(r"(\b[a-z][a-z0-9+.-]{1,20}(?:\[:\]|:)//)[^\s/@:\[]*:[^\s@]+@", re.IGNORECASE)
_PROSE_VALUE = re.compile(r"[A-Za-zÀ-ÿ]+\Z")
_ASSIGNED = re.compile(
    rf"(?<![\w])((?:[\w.-]{{0,40}}[_.-]|[A-Za-z]{{1,12}})?{_GUARDED}"
    rf"(?:[_.-]\w{{1,20}})?[\"'`]?\s{{0,3}}[:=]{{1,2}}\s{{0,3}}[\"'`]?)"
    r"(?!\[redacted\])((?:[^\s\"'`,;&|)\]}\[]|&amp;(?![\w.-]{1,40}=)|&(?!amp;|[\w.-]{1,40}=)){3,})",
    re.IGNORECASE,
)
_NAMED_SO = r"(?:pass(?:word|wd|phrase|wort)|pwd|senha|contrase[nñ]a|kennwort)"
_QUOTED = re.compile(
    rf"({_NAMED_SO}[\"']?\s{{0,3}}(?:[:=]{{1,2}}|\bis\b)\s{{0,3}}([\"'`]))(?!\[redacted\])[^\"'`\n]{{3,120}}(?=\2)",
    re.IGNORECASE,
)
_BESIDE = re.compile(
    rf"((?<!\w)--?[\w-]{{0,20}}{_GUARDED}\s+[\"']?|\b{_NAMED_SO}\s+[\"'`]?(?=[^\s\"'`]*\d)(?=[^\s\"'`]*[^\W\d_]))"
    r"(?![-\[])([^\s\"'`,;]{6,})",
    re.IGNORECASE,
)
_SAID = re.compile(
    rf"(\b{_GUARDED}\b(?:\s+[\w./-]+){{0,4}}?\s+(?:is|was|now|é|era|es|ist|lautet|war|to)\s+[\"'`]?)"
    r"(?=[^\s\"'`]*[\d!@#$%^*_+])([^\s\"'`\[]{5,})",
    re.IGNORECASE,
)
_DIGEST_BEFORE = re.compile(
    r"(?:sha-?\d*|md5|digest|checksum|commit|hash|etag|rev(?:ision)?)[\s:=@]*$", re.IGNORECASE
)
# No shape above is shorter, and none holds a space before its tenth letter.
_LEAST_SHAPE = 10
_LEAST_LONG = 24
_LEAST_SECRET = 6
_LONG = re.compile(r"(?<![\w/+.-])[A-Za-z0-9_+-]{24,}={0,2}(?![\w/+-])")
_MAIL = re.compile(r"\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{2,63})+\b")
_PHONE = re.compile(
    r"(?<![\w.])(?:\+\d{1,3}[\s.-]?(?:\(\d{1,4}\)|\d{1,4})|\(\d{2,4}\))(?:[\s.-]?\d{2,5}){2,4}(?!\w)"
)
_NATIONAL_ID = re.compile(r"\b\d{3}\.\d{3}\.\d{3}-\d{2}\b|\b\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}\b")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?(?=[A-Z]*\d)[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,4})?\b")
_CARD = re.compile(r"(?<![\d.])\d{4}([ -])\d{4}\1\d{4}\1\d{1,4}(?![\d.])")

_REPEATED = re.compile(r"(?:\[redacted\]){2,}")

_BROADCAST = re.compile(r"<!(?:subteam\^[^>|]*(?:\|([^>]*))?|(channel|here|everyone|group)(?:\|[^>]*)?)>")
_DATE = re.compile(r"<!date\^[^>|]*\|([^>]*)>")
_USER = re.compile(r"<@([UWB][A-Z0-9]{2,})(?:\|([^>]*))?>")
_ROOM = re.compile(r"<#([CGD][A-Z0-9]{2,})(?:\|([^>]*))?>")
_LINK = re.compile(r"<((?:https?|mailto|tel|ftp|slack)[^>|\s]*)(?:\|([^>]*))?>")
_AT = re.compile(r"(?<![\w.])@(?=[A-Za-z])")
_TAG = re.compile(r"<(?=[A-Za-z/!?@#])")
_SCHEME = re.compile(r"\b(https?|ftp|wss?)://", re.IGNORECASE)
# `-pVALUE`: the letter is the option, not the secret.
_OPTION = re.compile(r"^-[A-Za-z](?=.{6})")
_SCRIPT = re.compile(r"\b(javascript|vbscript|data):(?=\S)", re.IGNORECASE)
_WWW = re.compile(r"\bwww\.(?=\w)", re.IGNORECASE)
_INERT_SCHEME = {"http": "hxxp", "https": "hxxps", "ftp": "fxp", "ws": "wxs", "wss": "wxss"}


def plain(text: str, names: Mapping[str, str] | None = None) -> str:
    """Slack's message text as a person reads it: names for ids, words for pings, entities decoded once."""
    known = names or {}
    text = text[:TEXT_LIMIT]
    if "<" not in text and "&" not in text:
        return text.replace("\xa0", " ")
    text = _DATE.sub(lambda hit: hit[1], text)
    text = _USER.sub(lambda hit: known.get(hit[1]) or hit[2] or "somebody", text)
    text = _ROOM.sub(lambda hit: f"#{hit[2]}" if hit[2] else "a channel", text)
    text = _pings(text)
    text = _LINK.sub(_link, text)
    for entity, letter in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(entity, letter)
    return text.replace("\xa0", " ")


def mentioned(text: str) -> tuple[str, ...]:
    """The ids of the people whom a Slack message mentions."""
    return tuple(dict.fromkeys(hit[1] for hit in _USER.finditer(text[:TEXT_LIMIT])))


def named_in(text: str) -> dict[str, str]:
    """The names that a Slack message's mentions carry (`<@U024BE7LH|Ana Souza>`), by id."""
    return {hit[1]: hit[2] for hit in _USER.finditer(text[:TEXT_LIMIT]) if hit[2]}


def redact(text: str, also: Iterable[str] = ()) -> str:
    """The text without secrets, pings, active HTML or live links.

    `also` names further words that must not appear (a secret seen elsewhere, words taken back).
    Idempotent; never raises; reads the first 40,000 characters.
    """
    text = redact_secrets(_printable(text[:TEXT_LIMIT]), also)
    text = _pings(text)
    text = _TAG.sub("‹", text)
    if ":" in text:
        text = _SCHEME.sub(lambda hit: _INERT_SCHEME[hit[1].lower()] + "://", text)
        text = _SCRIPT.sub(lambda hit: f"{hit[1]}\N{FULLWIDTH COLON}", text)
    if "www." in text.lower():
        text = _WWW.sub("www[.]", text)
    return _AT.sub("(at)", text) if "@" in text else text


def redact_secrets(text: str, also: Iterable[str] = ()) -> str:
    """The text with every secret, e-mail address, phone, card and personal number as `[redacted]`."""
    if _longest(text) >= _LEAST_SHAPE:
        text = _SHAPES.sub(REDACTED, text)
    text = without_request_secrets(text)
    if "@" in text:
        text = _URL_CREDENTIALS.sub(rf"\1{REDACTED}@", text)
        text = _MAIL.sub(REDACTED, text)
    if _mentions_secret(text):
        text = _BEARER.sub(rf"\1\2{REDACTED}", text)
        text = _QUOTED.sub(rf"\1{REDACTED}", text)
        text = _ASSIGNED.sub(_assigned, text)
        text = _BESIDE.sub(rf"\1{REDACTED}", text)
        text = _SAID.sub(rf"\1{REDACTED}", text)
    if _longest(text) >= _LEAST_LONG:
        text = _LONG.sub(_long, text)
    if _MANY_DIGITS.search(text):
        for personal in (_NATIONAL_ID, _IBAN, _CARD, _PHONE):
            text = personal.sub(REDACTED, text)
    for word in sorted({word for word in also if word}, key=len, reverse=True):
        text = text.replace(word, REDACTED)
    return _REPEATED.sub(REDACTED, text)


def secrets_in(text: str) -> frozenset[str]:
    """The secret words of a text, so that the same word is also taken out where it stands alone."""
    if not any(len(word) >= _LEAST_SECRET and any(map(str.isdigit, word)) for word in text.split()):
        return frozenset()
    cleaned = redact_secrets(text)
    if cleaned == text:
        return frozenset()
    left = {word.strip("\"'`,;.()[]{}") for word in cleaned.split()}
    gone = {word.strip("\"'`,;.()[]{}") for word in text.split()} - left
    found: set[str] = set()
    for word in gone:
        for part in re.split(r"[\s=:\"'`]+", word):
            bare = _OPTION.sub("", part)
            if len(bare) >= _LEAST_SECRET and any(letter.isdigit() for letter in bare) and bare not in left:
                found.add(bare)
    return frozenset(found)


def _longest(text: str) -> int:
    """The length of the longest run without a space."""
    return max(map(len, text.split()), default=0)


def _mentions_secret(text: str) -> bool:
    """The pattern's answer, found cheaply for most texts; outside ASCII a letter has odd cases."""
    if text.isascii():
        lowered = text.lower()
        if not any(word in lowered for word in _SECRET_WORDS):
            return False
    return _MENTIONS_SECRET.search(text) is not None


def _assigned(hit: re.Match[str]) -> str:
    """`key=value` is a secret; `token: Session has expired` is prose that happens to hold a colon."""
    key, value = hit[1], hit[2]
    after = hit.string[hit.end() : hit.end() + 2]
    prose = (
        key.endswith(" ")
        and "=" not in key
        and _PROSE_VALUE.match(value)
        and re.match(r"\s[A-Za-zÀ-ÿ]", after)
    )
    worded = re.search(r"token|secret|credential|signature", key, re.IGNORECASE)
    return hit[0] if prose and worded else f"{key}{REDACTED}"


def _long(hit: re.Match[str]) -> str:
    """A long word without a separator is a secret if it mixes cases and digits as no name does."""
    word = hit[0]
    if _DIGEST_BEFORE.search(hit.string, max(0, hit.start() - 16), hit.start()):
        return word
    digits = sum(letter.isdigit() for letter in word)
    upper = sum(letter.isupper() for letter in word)
    lower = sum(letter.islower() for letter in word)
    mixed = digits >= 2 and upper >= 3 and lower >= 3
    hexadecimal = digits >= 4 and len(word) >= 32 and re.fullmatch(r"[0-9a-fA-F]+", word) is not None
    return REDACTED if mixed or hexadecimal else word


def _link(hit: re.Match[str]) -> str:
    address, label = hit[1], hit[2]
    if not label or label in address:
        return address.removeprefix("mailto:").removeprefix("tel:")
    return f"{label} ({address})"


def _pings(text: str) -> str:
    return (
        text
        if "<!" not in text
        else _BROADCAST.sub(lambda hit: f"({hit[1] or hit[2] or 'group'} ping)", text)
    )


def _printable(text: str) -> str:
    """Without control characters and those that hide or reorder others."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        letter
        for letter in text
        if letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co")
    )
