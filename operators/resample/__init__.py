"""Resample and normalise: from the source grid in HU to the working grid of the networks."""
