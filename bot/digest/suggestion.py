"""A rule for a noisy alert, ready to be pasted, with what it is based on. Nothing here changes anything.

What was once part of a SEV-1 or SEV-2 that somebody acted upon is never hidden: its cause is to be mended.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.digest.noise import Noise
from bot.domain.severity import Severity

LONGEST_NAME = 200
STEPS_MIN = (1, 2, 5, 10, 15)
_LOWER = {
    Severity.SEV1: Severity.SEV2,
    Severity.SEV2: Severity.SEV3,
    Severity.SEV3: Severity.SEV4,
    Severity.SEV4: Severity.NONE,
}


@dataclass(frozen=True)
class Suggestion:
    """What to do in a sentence, why, and the rule as YAML ('' where there is none to write)."""

    advice: str
    because: str
    yaml: str = ""


def suggestion(noise: Noise) -> Suggestion:
    """What the alert's own rows say for. The first that fits of: leave it, wait longer, inhibit, lower."""
    if noise.heeded:
        return Suggestion(
            "No rule: mend what makes it fire.",
            "It was once part of a SEV-1 or SEV-2 that somebody acted upon.",
        )
    if not _writable(noise.name):
        return Suggestion("No rule: its name cannot be written in one.", "It is too long, or not printable.")
    if noise.settles and noise.is_short:
        return _wait(noise)
    if noise.after and _writable(noise.after):
        return _inhibit(noise)
    if noise.settles:
        return _lower(noise)
    if noise.touched:
        return Suggestion(
            "No rule: look at its cause.",
            f"People did something in {noise.touched} of its {noise.incidents} incidents.",
        )
    return Suggestion(
        "No rule yet.", f"{noise.by_itself} of {noise.fired} firings ended with nobody doing anything."
    )


def _wait(noise: Noise) -> Suggestion:
    longest_s = noise.most_s or 0.0
    minutes = next((step for step in STEPS_MIN if step * 60 >= longest_s), STEPS_MIN[-1])
    return Suggestion(
        f"Raise its `for:` by {minutes} min: most of these would not have fired.",
        f"{noise.by_itself} of {noise.fired} firings ended with nobody doing anything, nine of ten of them"
        f" within {minutes} min.",
        f"- alert: {_scalar(noise.name)}  # in Prometheus' rules\n"
        f"  for: {minutes}m  # on top of what it waits now",
    )


def _inhibit(noise: Noise) -> Suggestion:
    return Suggestion(
        "Let Alertmanager hold it back while the other fires.",
        f"In nearly all of its {noise.incidents} incidents another alert fired first.",
        "inhibit_rules:\n"
        f"  - source_matchers: [{_matcher(noise.after)}]\n"
        f"    target_matchers: [{_matcher(noise.name)}]\n"
        "    equal: []  # name the labels that both must share, such as instance",
    )


def _lower(noise: Noise) -> Suggestion:
    lower = _LOWER.get(noise.severity, Severity.NONE)
    because = f"{noise.by_itself} of {noise.fired} firings ended with nobody doing anything"
    opens = "it opens no incident" if lower is Severity.NONE else f"it is {lower.value} at most"
    return Suggestion(
        f"Lower it in the plan: {opens}.",
        f"{because}.",
        f"overrides:  # in drbot's plan\n"
        f"  - match: [{_matcher(noise.name)}]\n"
        f"    severity: {lower.value}\n"
        f"    because: {because}",
    )


def _writable(name: str) -> bool:
    return 0 < len(name) <= LONGEST_NAME and name.isprintable()


def _scalar(text: str) -> str:
    """The text as a YAML scalar that means it, whatever signs it has, and though it be `Null`."""
    return "'" + text.replace("'", "''") + "'"


def _matcher(name: str) -> str:
    """`'alertname="…"'` in YAML: one matcher of Alertmanager's and of the plan's own."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return _scalar(f'alertname="{escaped}"')
