"""Inference over volumes with 2-D networks."""

from scripts.inferers.axial_slice_inferer import AxialSliceInferer, mixed_precision_pays

__all__ = ["AxialSliceInferer", "mixed_precision_pays"]
