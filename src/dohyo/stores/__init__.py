"""Vector databases, each read and written through one protocol."""
