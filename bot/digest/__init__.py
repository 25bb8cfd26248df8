"""The digest: what a week or a month of incidents says."""
