"""The HTTP service: corrects vectors, answers mixed searches, rolls a correction out."""
