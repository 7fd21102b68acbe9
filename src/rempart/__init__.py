"""Rempart: a tiers payant platform that a stolen account cannot empty."""
