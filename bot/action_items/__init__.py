"""Action items: what is to be done so that it does not happen again, by whom and until when."""

from bot.action_items.desk import ActionItems

__all__ = ["ActionItems"]
