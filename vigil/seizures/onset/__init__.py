"""Where a seizure begins: three methods over its channels, their consensus, and its spread."""
