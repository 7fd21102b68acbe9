"""A synthetic country, and the thieves who attack it."""
