"""Door: the command line, one module a noun."""
