"""Corrections of the gap: one method a file, each fitted to a frozen map."""
