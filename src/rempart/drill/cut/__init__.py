"""A working day with everything cut for eight hours, and the same day as 2024 had it."""
