"""Encoders: whatever turns pictures and sentences into vectors of one space."""
