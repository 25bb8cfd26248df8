"""Backups of a database: made, verified, looked at, and let go."""
