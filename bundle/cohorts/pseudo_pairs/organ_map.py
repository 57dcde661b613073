"""Classes of anatomy, for training the context network, from a recipe's components."""

from collections.abc import Sequence

import numpy as np

from cohorts.pseudo_pairs.recipe import Component
from scripts.organs import NO_BRIGHT_BLOOD, Organ, bits

_ORGAN_OF_KIND = {
    "artery": bits({Organ.ARTERY}),
    "left_heart": bits({Organ.LEFT_HEART}),
    "right_heart": bits({Organ.RIGHT_HEART}),
    "vein": bits({Organ.VEIN}),
    "myocardium": bits({Organ.MYOCARDIUM}),
    "organ": bits({Organ.PARENCHYMA}),
    "lung_vessels": bits({Organ.OTHER, Organ.LEFT_HEART, Organ.RIGHT_HEART}),
    "keep": NO_BRIGHT_BLOOD,
}

_FAT_OR_LUNG_HU = -30.0
"""Below it, unless it is a component's wall, a voxel is neither vessel nor organ."""


def organ_map(ncct_hu: np.ndarray, components: Sequence[Component], masks: Sequence[np.ndarray]) -> np.ndarray:
    """Bit masks of the classes that each voxel may have.

    Args:
        ncct_hu: the pair's NCCT, (slices, rows, columns).
        components: of the recipe; a later one does not take voxels from an earlier one.
        masks: of the components, the same shape.

    Returns:
        uint16, the same shape; see `scripts.organs`.
    """
    possible = np.where(ncct_hu < _FAT_OR_LUNG_HU, bits({Organ.OTHER}), NO_BRIGHT_BLOOD).astype(np.uint16)
    for component, mask in reversed(list(zip(components, masks, strict=True))):
        possible[mask] = bits({Organ[component.organ.upper()]}) if component.organ else _ORGAN_OF_KIND[component.kind]
    return possible
