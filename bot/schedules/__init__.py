"""The clockwork: what the plan does by itself, when, and what drbot notices while nobody asks."""

from bot.schedules.clockwork import Clockwork

__all__ = ["Clockwork"]
