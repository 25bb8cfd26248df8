"""The duties of an incident as people read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bot.domain.duty import Duty, Held

HAS: Mapping[Duty, str] = {
    Duty.COMMANDER: "is the commander",
    Duty.COMMUNICATIONS: "has the communications",
    Duty.OPERATIONS: "has the operations",
}


def taken(duty: Duty, who: str, by: str, before: str = "") -> str:
    """`Ana Souza is the commander now, in place of Carla Dias (said by Bruno Lima)`. Names of people."""
    instead = f", in place of {before}" if before else ""
    named = f" (said by {by})" if by != who else ""
    return f"{who} {HAS[duty]} now{instead}{named}"


def left(duty: Duty, who: str, by: str) -> str:
    """`Ana Souza is no longer the commander: nobody is now (said by Bruno Lima)`."""
    verb, _, what = HAS[duty].partition(" ")
    named = f" (said by {by})" if by != who else ""
    gone = f"is no longer {what}" if verb == "is" else f"no longer {verb} {what}"
    return f"{who} {gone}: nobody {verb} now{named}"


def has_already(duty: Duty, who: str, ref: str) -> str:
    """`you are the commander of INC-7 already`, `Ana Souza has the operations of INC-7 already`."""
    verb, _, what = HAS[duty].partition(" ")
    verb = {"is": "are", "has": "have"}[verb] if who == "you" else verb
    return f"{who} {verb} {what} of {ref} already"


def lead_line(held: Sequence[Held], called: Callable[[str], str]) -> str:
    """`Ana Souza (commander), Carla Dias (communications), operations: nobody`; the vacant ones last."""
    if not held:
        return "nobody yet"
    filled = [f"{called(one.person)} ({one.duty.value})" for one in held]
    taken_up = {one.duty for one in held}
    vacant = [duty.value for duty in Duty if duty not in taken_up]
    return ", ".join([*filled, *([f"{' and '.join(vacant)}: nobody"] if vacant else [])])


def upper(sentence: str) -> str:
    """The sentence with a capital first letter, the rest as it is."""
    return sentence[:1].upper() + sentence[1:]
