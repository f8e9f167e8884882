"""Procedures of statistics: one file each, pure functions over arrays."""
