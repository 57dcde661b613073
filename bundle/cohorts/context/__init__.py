"""Context maps of training data: the context network's output for each patient's NCCT."""

from cohorts.context.maps import write_maps

__all__ = ["write_maps"]
