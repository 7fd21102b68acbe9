"""A working day with everything cut for eight hours, beside what 2024 is stated to have had."""
