"""Holes and gaps of a mask are closed as SciPy closes them."""

import numpy as np
import pytest
from scipy import ndimage

from operators.dicom_loader.plane_morphology import closed_gaps, filled_holes

SHARES = [0, 0.02, 0.3, 0.6, 0.98, 1]


def blobs(share: float, seed: int) -> np.ndarray:
    """(y, x) mask of blobs, some cut by the border."""
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=(61, 83)), 1.5)
    return noise >= np.quantile(noise, 1 - share) if share else np.zeros(noise.shape, dtype=bool)


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("seed", range(3))
def test_the_same_holes_are_filled(share, seed):
    plane = blobs(share, seed)
    assert np.array_equal(filled_holes(plane), ndimage.binary_fill_holes(plane))


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("steps", [1, 3])
def test_the_same_gaps_are_closed(share, steps):
    plane = blobs(share, seed=steps)
    assert np.array_equal(closed_gaps(plane, steps), ndimage.binary_closing(plane, iterations=steps))
