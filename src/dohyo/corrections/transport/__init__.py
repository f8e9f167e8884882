"""Entropic transport at every size: kernels, potentials, and where new items go."""
