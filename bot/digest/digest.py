"""One digest: the figures of a period, what waits today, and the words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.digest.figures import Figures, figures
from bot.digest.period import Period
from bot.digest.reading import facts_of, promises_of
from bot.digest.standing import Standing, standing_of
from bot.digest.words import digest_markdown, headline
from bot.plan.models import DrPlan
from bot.store.database import Store


@dataclass(frozen=True)
class Digest:
    """`markdown` is the whole; `title` the sentence that says it all."""

    period: Period
    figures: Figures
    standing: Standing
    title: str
    markdown: str


def digest_of(store: Store, plan: DrPlan, period: Period, now: datetime) -> Digest:
    """The digest of a period as the rows have it now. Reads only. Raises StoreDown."""
    told = figures(facts_of(store, period), promises_of(plan), min(now, period.ends))
    standing = standing_of(store, plan, now)
    return Digest(period, told, standing, headline(period, told), digest_markdown(period, told, standing))
