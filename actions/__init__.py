"""The remediations: each action plans, guards, proves and undoes itself. Knows nothing of the bot."""
