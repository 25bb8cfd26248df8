"""Who a word means: a plan id, a Slack handle, a name of the plan. Nobody is guessed."""

from __future__ import annotations

from difflib import get_close_matches

from bot.domain.answer import UsageError
from bot.domain.person import Person
from bot.plan.models import DrPlan

NOTHING = frozenset({"none", "nobody", "-"})


def owner_or_nobody(plan: DrPlan, text: str, asking: Person) -> str:
    """The plan id, `me` the one who asks, '' for nobody. Raises UsageError as `owner_of` does."""
    said = text.strip()
    if not said or said.lower() in NOTHING:
        return ""
    return asking.id if said.lower() == "me" and asking.known else owner_of(plan, said)


def owner_of(plan: DrPlan, text: str) -> str:
    """The plan id. Raises UsageError for whoever the plan does not name, and where two could be meant."""
    found = people_called(plan, text)
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{text[:40]!r} may be {' or '.join(found)}: say which")
    near = get_close_matches(text.lower().removeprefix("@"), list(plan.people), n=1)
    hint = f"did you mean {near[0]}?" if near else f"it names {', '.join(list(plan.people)[:20]) or 'nobody'}"
    raise UsageError(f"the plan names no {text[:40]!r}: {hint}")


def people_called(plan: DrPlan, text: str) -> list[str]:
    """Plan ids of everybody who is called so: by id or handle; else by whole name; else by first name."""
    said = " ".join(text.split()).casefold().removeprefix("@")
    if not said:
        return []
    people = plan.people.items()
    by_id = [one for one, entry in people if said in (one.casefold(), _handle(entry.slack))]
    by_name = [one for one, entry in people if said == entry.name.casefold()]
    by_first = [one for one, entry in people if said == entry.name.casefold().partition(" ")[0]]
    return by_id or by_name or by_first


def _handle(slack: str) -> str:
    return slack.removeprefix("@").casefold()
