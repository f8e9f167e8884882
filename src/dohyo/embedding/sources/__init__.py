"""Where pictures and captions come from; one file for each kind."""
