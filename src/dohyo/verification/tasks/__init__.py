"""What a corpus is used for, one task to a file: each tells before, after and change."""
