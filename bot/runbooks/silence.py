"""What an incident's alerts have in common, as Alertmanager's matchers for a silence. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.domain.alert import Alert, AlertStatus

SOURCE = "alertmanager"
NAME = "alertname"
# What silence-alert takes: so many matchers, so long altogether, expressions no longer than this.
MATCHERS_AT_MOST = 10
LONGEST = 500
LONGEST_EXPRESSION = 200
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


def silenceable(alerts: Sequence[Alert]) -> tuple[Alert, ...]:
    """The alerts that Alertmanager fires now."""
    return tuple(
        one
        for one in alerts
        if one.source == SOURCE and one.status is AlertStatus.FIRING and one.labels.get(NAME)
    )


def matchers_for(alerts: Sequence[Alert]) -> str:
    """The alert's name (several: an expression of all of them) and every label that is equal in all.

    `alertname="PoolExhausted",job="api"`. Raises ValueError where there is no alert to silence.
    """
    firing = silenceable(alerts)
    if not firing:
        raise ValueError("none of its alerts fires in Alertmanager now, so there is nothing to silence")
    names = sorted({one.labels[NAME] for one in firing})
    expression = "|".join(_literal(name) for name in names)
    if len(names) > 1 and len(expression) > LONGEST_EXPRESSION:
        raise ValueError(
            f"its alerts have {len(names)} different names, too many for one silence: silence them one by one"
            " with `run silence-alert`"
        )
    found = [f"{NAME}={_quoted(names[0])}" if len(names) == 1 else f"{NAME}=~{_quoted(expression)}"]
    for label, value in _common(firing):
        more = f"{label}={_quoted(value)}"
        if len(found) < MATCHERS_AT_MOST and len(",".join([*found, more])) <= LONGEST:
            found.append(more)
    return ",".join(found)


def _common(firing: Sequence[Alert]) -> list[tuple[str, str]]:
    """Labels that are equal in all: what is left out where there are too many makes a silence wider."""
    return [
        (label, value)
        for label, value in sorted(firing[0].labels.items())
        if label != NAME
        and value
        and _LABEL.fullmatch(label)
        and all(one.labels.get(label) == value for one in firing)
    ]


def _literal(text: str) -> str:
    """The text as an expression (RE2) that matches nothing else."""
    return re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", text)


def _quoted(text: str) -> str:
    clean = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{clean}"'
