"""The cache: looked at and flushed."""
