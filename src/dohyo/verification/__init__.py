"""Held-out checks: does a correction help on data that its fit never saw?"""
