"""What monitors say, one file a source: who may say it (`verify`), what it means (`parse`), nothing else."""
