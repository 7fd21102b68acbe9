"""What every HTTP door shares: a TLS listener, bounded bodies, access lines, the outcome table."""
