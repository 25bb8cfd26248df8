"""Secrets: readable, and written into an environment file."""
