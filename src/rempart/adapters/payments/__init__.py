"""Payment orders. Empty until claims are settled."""
