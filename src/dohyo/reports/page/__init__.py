"""The report page: its template and style, and what is laid out in them."""
