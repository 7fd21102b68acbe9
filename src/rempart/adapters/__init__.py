"""The world, one room a kind, behind the ports of the use cases."""
