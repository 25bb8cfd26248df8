"""Servers: how they are, and whether a fresh one is ready for a full recovery."""
