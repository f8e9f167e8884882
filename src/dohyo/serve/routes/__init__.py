"""One file for each group of addresses under `/v1`."""
