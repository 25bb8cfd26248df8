"""The files of PostgreSQL clusters, and pgBackRest."""
