"""Reading and writing: one file for each format, registered by suffix."""
