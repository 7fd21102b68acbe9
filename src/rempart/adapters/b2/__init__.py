"""The B2 norm. Empty until claims are taken."""
