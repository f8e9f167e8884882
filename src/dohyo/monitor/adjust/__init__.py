"""What follows an alarm: it is explained, and a proposal waits for a person."""
