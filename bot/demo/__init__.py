"""The laptop-size world: databases, S3, a service that exhausts its pool, the bot and the workspace."""
