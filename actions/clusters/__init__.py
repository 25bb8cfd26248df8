"""Whole clusters: backed up by pgBackRest, and recovered to a point in time."""
