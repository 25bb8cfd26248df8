"""AWS: S3, Secrets Manager, ACM."""
