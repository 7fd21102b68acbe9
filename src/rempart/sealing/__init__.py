"""Locks, keyed index, sealed boxes, card signature. Pure bytes; keys and nonces are handed in."""
