"""Runs: asked for, planned, approved or not, taken back. Executing them is the engine's work."""

from bot.runs.desk import Runs

__all__ = ["Runs"]
