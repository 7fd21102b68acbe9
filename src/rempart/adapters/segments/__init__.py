"""Closed days of the ledger: Parquet files that DuckDB writes and reads."""
