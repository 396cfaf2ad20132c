"""Backups of a PostgreSQL server with all its databases, to any point in time. docs/operations/backup.md tells when."""
