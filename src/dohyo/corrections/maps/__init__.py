"""The life of a fitted map: written, read, exported, extended, merged, compared, inspected."""
