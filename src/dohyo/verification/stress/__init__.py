"""What goes wrong with data in industry, one condition to a file: each spoils a corpus a little."""
