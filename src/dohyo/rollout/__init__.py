"""How far a correction is rolled out, who wanted it, and who agreed: durable and audited."""
