"""Kernels: blocked products, top-k and moments, over plain arrays."""
