"""The staged roll-out of one corpus: gates as figures, sample sizes, who decides, what it costs."""
