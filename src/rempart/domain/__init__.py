"""Words and rules of tiers payant. Pure values; no clock, no chance, no world."""
