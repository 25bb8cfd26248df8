"""Cards: pure functions from what drbot knows to what Slack shows."""
