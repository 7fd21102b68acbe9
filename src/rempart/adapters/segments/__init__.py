"""Closed days of the ledger. Empty until they leave PostgreSQL."""
