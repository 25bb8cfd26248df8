"""Drills: recovery rehearsed, measured against the plan's promises, and certified."""

from bot.drills.desk import Drills

__all__ = ["Drills"]
