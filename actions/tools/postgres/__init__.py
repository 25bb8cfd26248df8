"""PostgreSQL servers and databases: sessions, content, shadows, swaps."""
