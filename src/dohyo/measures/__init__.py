"""Measures of the gap: one file each, run together by `profile`."""
