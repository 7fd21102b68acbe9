"""The vault's local socket: its frames, and the clients that its callers use."""
