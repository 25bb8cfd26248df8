"""The bot's own memory. Nothing is lost once a write has returned."""
