"""Judged queries: what people said answers them, before and after a correction."""
