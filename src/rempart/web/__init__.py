"""Door: the portal of professionals and delegates, the console of staff. Relays; holds no key."""
