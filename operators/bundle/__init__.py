"""The MONAI bundle as the stages see it: its inference config, its weights and their digests."""
