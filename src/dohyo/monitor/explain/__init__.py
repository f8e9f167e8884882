"""What an alarm is about: `explain`, from what a `Memory` holds."""
