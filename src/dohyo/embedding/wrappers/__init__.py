"""A corrected encoder as other libraries want to see it; one library a file, one extra each."""
