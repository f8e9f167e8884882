"""What a measured change is worth: costs, simulation, break-even, and which assumption matters."""
