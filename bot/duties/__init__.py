"""Duties: who leads, who talks and who works for one incident, and the handover between them."""
