"""Corpora from pictures and sentences, and encoders whose vectors come out corrected."""
