"""Duties: who leads, who talks and who works for one incident, and the handover between them."""

from bot.duties.desk import Change, Duties

__all__ = ["Change", "Duties"]
