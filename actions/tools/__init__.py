"""The only hands that touch the world: PostgreSQL, AWS, HTTP, commands."""
