"""The reference of every port, in memory."""
