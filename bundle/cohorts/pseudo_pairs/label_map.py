"""Label map of a pseudo-pair: 0 outside the body, 1 body, 2 other enhanced tissue, 3 arterial lumen."""

import numpy as np
from scipy import ndimage
from skimage.morphology import convex_hull_image

from cohorts.ct.reading import Volume
from cohorts.pseudo_pairs.morphology import close, connected, dilate, erode, fill_holes
from cohorts.pseudo_pairs.recipe import Component
from scripts.structures import Structure

BODY_HU = -300.0
LUNG_HU = (-950.0, -400.0)
OPENING_MM = 4.0
"""Thinner than a limb, thicker than a table top."""

HULL_STEP = 4
"""The hull of the trunk is drawn on every fourth pixel: it only says where a lung may be."""

UPTAKE_HU = (90.0, 230.0)
"""Soft tissue in this range has taken up contrast; brighter is bone, calcium or oral contrast, not to be raised."""

BONE_CLOSING_MM = 6.0
BONE_RIM_MM = 3.0
UPTAKE_OPENING_MM = 1.5


def body_mask(volume: Volume) -> np.ndarray:
    """The patient with lungs and gut, without table, blanket and tubes. (slices, rows, columns) bool.

    Raises:
        ValueError: nothing in the scan is dense and large enough.
    """
    spacing = volume.spacing_mm
    flat = (1e6, spacing[1], spacing[2])  # in the plane only: a first slice has no neighbour to be opened with
    smooth = ndimage.gaussian_filter(volume.hu, (0, 1, 1))
    # filled first: a thin chest wall would not survive the opening and its lung would drop out with it
    solid = fill_holes(smooth > BODY_HU)
    labels = connected(dilate(erode(solid, OPENING_MM, flat), OPENING_MM, flat))
    if not labels.any():
        raise ValueError(f"No body in the scan: nothing over {BODY_HU:.0f} HU is large enough. Is it in HU?")
    sizes = np.bincount(labels.ravel())[1:]
    # arms and trunk may be apart: keep every part of at least a thirtieth of the largest
    body = np.isin(labels, 1 + np.flatnonzero(sizes >= sizes[0] / 30))
    # a field of view that cuts the chest wall leaves a lung open to the side
    lung = erode((smooth > LUNG_HU[0]) & (smooth < LUNG_HU[1]), OPENING_MM, flat)
    lung = dilate(lung, OPENING_MM + 2.0, flat) & (smooth > LUNG_HU[0])
    trunk = labels == 1
    for index in np.flatnonzero((lung & ~body).any(axis=(1, 2)) & trunk.any(axis=(1, 2))):
        hull = convex_hull_image(trunk[index, ::HULL_STEP, ::HULL_STEP])
        hull = hull.repeat(HULL_STEP, axis=0).repeat(HULL_STEP, axis=1)[: body.shape[1], : body.shape[2]]
        body[index] |= lung[index] & hull
    return fill_holes(body)


def uptake_mask(volume: Volume, replaced: np.ndarray) -> np.ndarray:
    """Organs and veins that took up contrast and were not set back, without bone. (slices, rows, columns) bool."""
    smooth = ndimage.gaussian_filter(volume.hu, [1.5 / step for step in volume.spacing_mm])
    flat = (1e6, *volume.spacing_mm[1:])
    bone = fill_holes(close((smooth > UPTAKE_HU[1]) & ~replaced, BONE_CLOSING_MM, flat))
    uptake = (smooth > UPTAKE_HU[0]) & ~dilate(bone, BONE_RIM_MM, flat)
    # shells of partial volume are thin, organs are not
    return dilate(erode(uptake, UPTAKE_OPENING_MM, flat), UPTAKE_OPENING_MM, flat)


def label_map(
    body: np.ndarray, uptake: np.ndarray, components: tuple[Component, ...], masks: list[np.ndarray]
) -> np.ndarray:
    """Compose the labels; (slices, rows, columns) uint8. `masks` holds one mask for each of `components`."""
    labels = body.astype(np.uint8)
    labels[uptake & body] = Structure.OTHER_ENHANCING
    for component, mask in zip(components, masks, strict=True):
        labels[mask] = Structure.ARTERIAL_LUMEN if component.kind == "artery" else Structure.OTHER_ENHANCING
    return labels
