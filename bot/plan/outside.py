"""How the plan tells the outside (the second half of 4.2): over which way, and what keeps it from it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bot.domain.outbound import Way
from bot.plan.finding import Finding, Review
from bot.plan.models import DrPlan
from bot.plan.people import Told

# The first whose word is in the line; people write it, so that it is read as they mean it.
_WORDS: tuple[tuple[Way, re.Pattern[str]], ...] = (
    (Way.STATUS_PAGE, re.compile(r"status[ -]?page", re.IGNORECASE)),
    (Way.MAIL, re.compile(r"e-?mail|\bmails?\b|letter", re.IGNORECASE)),
    (Way.SOCIAL, re.compile(r"social|twitter|\bX\b|mastodon|bluesky|\bposts?\b", re.IGNORECASE)),
)
_SETTINGS: Mapping[str, tuple[Way, str]] = {
    "STATUSPAGE_API_KEY": (Way.STATUS_PAGE, "nothing can be told on the status page"),
    "STATUSPAGE_PAGE_ID": (Way.STATUS_PAGE, "nothing can be told on the status page"),
    "DR_SOCIAL_URL": (Way.SOCIAL, "nothing can be posted on the social account"),
}
_ADDRESS = re.compile(r"[^@\s<>,;]{1,64}@[^@\s<>,;]{1,250}\.[^@\s<>,;.]{2,}")
_HERE = ("communication", "outside")


def way_of(line: Told) -> Way | None:
    """Over which way a line of the plan tells the outside; None where it names none that drbot has."""
    said = f"{line.tell} {line.via}"
    return next((way for way, words in _WORDS if words.search(said)), None)


def unset_outside(plan: DrPlan, environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each setting that a line of the plan needs and that is not there: (name, what is off)."""
    wanted = {way_of(line) for line in plan.communication.external}
    for name, (way, said) in _SETTINGS.items():
        if way in wanted and not environment.get(name):
            yield name, f"{said}: what is approved for it is refused"


def outside_that_fails(review: Review) -> Iterator[Finding]:
    """What keeps a text from the outside: nobody to approve it, no address."""
    plan, rules = review.plan, review.plan.communication.outside
    if not plan.communication.external:
        return
    if not plan.people_with(rules.approve):
        said = (
            f"nobody has the role {' or '.join(rules.approve) or '(none is named)'}: no text can go outside"
        )
        yield review.warning((*_HERE, "approve"), said)
    for key, address in (("customers", rules.customers), ("mail_from", rules.mail_from)):
        if address and not _ADDRESS.fullmatch(address):
            yield review.warning((*_HERE, key), f"{address[:80]!r} is no mail address: no letter can go out")
    yield from _letters(review)
    yield from _green(review)


def _green(review: Review) -> Iterator[Finding]:
    """A status page whose components nobody named stays green above every text."""
    if review.plan.communication.outside.components:
        return
    if any(way_of(line) is Way.STATUS_PAGE for line in review.plan.communication.external):
        said = (
            "the status page shows every component as operational, whatever a text on it says; what works:"
            " name the ids of those that customers see, as `dr outside components` lists them"
        )
        yield review.warning((*_HERE, "components"), said)


def _letters(review: Review) -> Iterator[Finding]:
    rules = review.plan.communication.outside
    for number, line in enumerate(review.plan.communication.external):
        if way_of(line) is Way.MAIL:
            for key, what in (("customers", "whom it goes to"), ("mail_from", "whom it comes from")):
                if not getattr(rules, key):
                    said = f"“{line.tell}” is promised, and `{key}` under `outside` does not say {what}"
                    yield review.warning(("communication", "external", number), said)
