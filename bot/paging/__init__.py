"""Paging: the incident's one page at PagerDuty, kept in step with the incident, both ways."""
