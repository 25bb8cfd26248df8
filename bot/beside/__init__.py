"""Beside the alerts: what people's own work adds to an incident's card."""

from bot.beside.card import facts_beside, presses_after, presses_beside
from bot.beside.invited import invited

__all__ = ["facts_beside", "invited", "presses_after", "presses_beside"]
