"""Beside the alerts: what people's own work adds to an incident's card."""

from bot.beside.card import facts_beside, presses_after, presses_beside

__all__ = ["facts_beside", "presses_after", "presses_beside"]
