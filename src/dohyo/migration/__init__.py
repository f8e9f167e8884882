"""Corrected copies of collections, beside the raw ones."""
