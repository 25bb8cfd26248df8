"""drbot: incidents, guarded runbooks and rehearsed disaster recovery, from Slack or a shell."""
