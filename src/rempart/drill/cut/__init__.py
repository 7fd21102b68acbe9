"""A working day with everything cut for eight hours, beside the same hours with 2024's means."""
