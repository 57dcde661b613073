"""The bundle's `preprocessing`: from the source grid in HU to the working grid of the networks, slab by slab."""
