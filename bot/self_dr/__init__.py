"""drbot's own disaster recovery: copies of its memory, and its memory brought back from one."""

from bot.self_dr.backup import back_up
from bot.self_dr.manifest import Manifest
from bot.self_dr.restore import Restored, restore

__all__ = ["Manifest", "Restored", "back_up", "restore"]
