"""The disaster-recovery plan as data: its models, loading, checking and showing."""
