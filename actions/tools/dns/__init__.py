"""Names: Route 53, what DNS servers answer, and who answers there."""
