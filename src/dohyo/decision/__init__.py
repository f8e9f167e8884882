"""Choosing among corrections, and saying whether to correct at all."""
