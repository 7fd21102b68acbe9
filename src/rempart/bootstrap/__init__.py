"""Assemblies: which process gets which adapters, keys and role."""
