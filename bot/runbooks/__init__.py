"""Runbooks: which fit an incident, walking through one step by step, and the looks that run by themselves."""

from bot.runbooks.desk import Runbooks

__all__ = ["Runbooks"]
