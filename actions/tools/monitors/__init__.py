"""Prometheus, Alertmanager, and what they say of servers."""
