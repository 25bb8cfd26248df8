"""The engine: approved runs, executed durably, one engine at a time."""

from bot.engine.service import Engine, EngineStatus, system_url

__all__ = ["Engine", "EngineStatus", "system_url"]
