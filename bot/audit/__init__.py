"""An incident's journal for somebody who trusts neither drbot nor whoever runs it."""

from bot.audit.folder import Exported, export_journal

__all__ = ["Exported", "export_journal"]
