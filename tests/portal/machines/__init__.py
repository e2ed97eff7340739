"""Several machines on one: webs, workers, nginx, a pooler, PostgreSQL in another network namespace, S3."""
