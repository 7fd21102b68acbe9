"""Door: the socket and the batch loop of the only process that opens a record."""
