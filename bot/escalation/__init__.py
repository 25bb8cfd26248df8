"""Escalation: the response clock of each incident, and who is told when nobody answers."""
