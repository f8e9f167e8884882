"""The same work on many machines, by Ray Data."""
