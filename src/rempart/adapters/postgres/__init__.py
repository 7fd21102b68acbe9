"""Ports on PostgreSQL; the SQL stands in .sql files."""
