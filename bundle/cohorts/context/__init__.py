"""Context maps of training data: what the context network says of each patient's NCCT."""

from cohorts.context.maps import write_maps

__all__ = ["write_maps"]
