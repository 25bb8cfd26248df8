"""Restores of a database from a backup, their rehearsals, and what they put aside."""
