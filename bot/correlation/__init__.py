"""Stored alerts become incidents: one correlated trouble is one incident."""
