"""A theft of a thousand people over twenty insurers, and every file that follows from it."""
