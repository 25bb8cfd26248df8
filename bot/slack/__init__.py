"""Slack as a face: listeners acknowledge and call, cards are pure, the announcer empties the outbox."""
