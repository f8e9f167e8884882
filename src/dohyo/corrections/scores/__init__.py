"""What is added to scores, and how it is learnt: offsets between modalities, penalties of hubs."""
