"""What a copied request carries beside its address: header values, cookies, user and password.

Whoever pastes a call for others pastes what let them in. A header that a team made up may be that,
whatever its name, so only the values of well-known harmless headers stay.
"""

from __future__ import annotations

import re

MARK = "[redacted]"

# Headers whose values say nothing that lets anybody in.
_HARMLESS = re.compile(
    r"(?:accept|content|access-control|sec-(?:fetch|ch)|if|x-forwarded|traffic|cf)(?:-[\w-]+)?"
    r"|user-agent|host|origin|refer(?:r)?er|range|cache-control|connection|date|expect|prefer|via|te|dnt"
    r"|pragma|upgrade|transfer-encoding|traceparent|tracestate|retry-after|server|vary|etag|age|allow"
    r"|last-modified|expires|x-real-ip|(?:x-)?(?:request|correlation|trace|span|b3)-?(?:id|[\w-]+id)?"
    r"|x-(?:debug|env|environment|region|zone|version|api-version|requested-with|http-method-override)",
    re.IGNORECASE,
)
_COMMAND = re.compile(
    r"(?<!\w)(?P<option>-H|--header|--proxy-header)(?P<gap>[\s=]{0,3})"
    r"(?:(?P<quote>[\"'])(?P<name>[\w-]{1,60})(?P<colon>\s{0,2}:\s{0,3})(?P<value>(?:(?!(?P=quote))[^\n]){1,4000})"
    r"|(?P<name2>[\w-]{1,60})(?P<colon2>:)(?P<value2>[^\s\"']{1,4000}))"
)
# A line of a dumped request. Its name tells that it lets somebody in.
_LINE = re.compile(
    r"(?m)(?P<head>(?<![\w-])(?:(?:set-)?cookie|(?:proxy-)?authorization"
    r"|(?=[\w-]{0,40}(?:auth|session|passport|staff|login|csrf|xsrf|jwt))x-[\w-]{1,50})[ \t]{0,2}:[ \t]{0,3})"
    r"(?P<scheme>(?:bearer|basic|digest|token|apikey|negotiate)[ \t]+)?"
    r"(?P<value>(?=[^\n]{0,120}[\d=_~/+.!-])(?![\[(<$])[^\s,;\"'`]{6,}(?:;[ \t]*[\w.-]+=[^\s;\"'`]+)*)",
    re.IGNORECASE,
)
_USER = re.compile(
    r"(?P<head>\b(?:curl|wget|httpie?|xh|https|ab|wrk|hey)\b[^\n|]{0,400}?[ \t]"
    r"(?:-u|--user|--proxy-user|-a|--auth)[ \t=]?[\"']?[\w.@+-]{1,60}:)(?P<value>(?![\[$])[^\s\"']{3,})"
)
_COOKIE = re.compile(
    r"(?P<head>\b(?:curl|wget|httpie?)\b[^\n|]{0,400}?[ \t](?:-b|--cookie)[ \t=]{0,2}[\"']?[\w.-]{1,60}=)"
    r"(?P<value>(?![\[$])[^\s\"']{3,})"
)
_TOOL = re.compile(
    r"(?P<head>\b(?:mysql|mysqldump|mysqladmin|mariadb|sshpass|redis-cli|docker login|helm registry login)\b"
    r"[^\n|]{0,200}?[ \t]"
    r"(?:-p|-a|--pass)(?:[ \t]+(?=[^\s\"']*[^\W\d_])|(?=[^\s\"'-]))[\"']?)(?P<value>(?![\[$-])[^\s\"']{4,})"
)

# Cheap looks that spare most texts the dearer ones.
_CALLERS = ("curl", "wget", "http", "xh ", "ab ", "wrk", "hey ")
_TOOLS = ("mysql", "mariadb", "sshpass", "redis-cli", "login")


def without_request_secrets(text: str) -> str:
    """The text with what a pasted call would let others do taken out. Idempotent."""
    lowered = text.lower()
    if "-h" in lowered:
        text = _COMMAND.sub(_header, text)
    if ":" in lowered and any(name in lowered for name in ("cookie", "authorization", "x-")):
        text = _LINE.sub(rf"\g<head>\g<scheme>{MARK}", text)
    if " -" in lowered:
        if any(name in lowered for name in _CALLERS):
            text = _USER.sub(rf"\g<head>{MARK}", text)
            text = _COOKIE.sub(rf"\g<head>{MARK}", text)
        if any(name in lowered for name in _TOOLS):
            text = _TOOL.sub(rf"\g<head>{MARK}", text)
    return text


def _header(hit: re.Match[str]) -> str:
    """The option with its value taken out, where the header is not known to be harmless."""
    name, value = hit["name"] or hit["name2"], hit["value"] or hit["value2"]
    if _HARMLESS.fullmatch(name) or value.startswith("$") or value == MARK:
        return hit[0]
    quote, colon = hit["quote"] or "", hit["colon"] or hit["colon2"]
    return f"{hit['option']}{hit['gap']}{quote}{name}{colon}{MARK}"
