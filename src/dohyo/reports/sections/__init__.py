"""The chapters of the report, one to a file: what each says, shows and lays out."""
