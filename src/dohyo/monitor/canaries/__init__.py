"""Known pairs that are encoded again on schedule: is the encoder still the same?"""
