"""The pages on the service: what it is, what it would change, and who agreed."""
