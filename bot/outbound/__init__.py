"""The outbound: what shall reach people outside Slack is a row first, sent in order until it is there."""
