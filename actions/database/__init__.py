"""A live database: what it is doing, and ending what is in its way."""
