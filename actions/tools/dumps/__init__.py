"""Dumps of a database: made, kept, read, judged and loaded."""
