"""Certificates: what ends soon, and where two differ."""
