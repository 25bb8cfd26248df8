"""What drbot talks about: frozen records and pure decisions. No clock, no environment, no library."""
