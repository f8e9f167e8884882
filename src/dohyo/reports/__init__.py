"""What a reader sees: the report as a page and as JSON."""
