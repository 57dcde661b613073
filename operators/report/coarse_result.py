"""NCCT and enhancement on a coarse grid, for checks of the whole result."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from operators.dicom_loader.body import CoarseBody, coarse_body

COARSE_ENHANCEMENT_HU = 90.0
"""Enhancement from which a grid point counts as enhanced: a fourth of what the network adds to an artery."""

_SOFT_HU = (-10.0, 110.0)


@dataclass(frozen=True)
class CoarseResult:
    """NCCT and enhancement at about 3 mm, axes (feet to head, front to back, right to left).

    Attributes:
        body: the patient, of the NCCT.
        added_hu: (z, y, x) enhancement in HU.
    """

    body: CoarseBody
    added_hu: np.ndarray

    @cached_property
    def soft(self) -> np.ndarray:
        """(z, y, x) soft tissue and blood of the NCCT."""
        return (self.body.hu > _SOFT_HU[0]) & (self.body.hu < _SOFT_HU[1])

    @cached_property
    def enhanced(self) -> np.ndarray:
        """(z, y, x) where the result lights up soft tissue."""
        return (self.added_hu > COARSE_ENHANCEMENT_HU) & self.soft


def coarse_result(ncct_hu: np.ndarray, syn_cta_hu: np.ndarray, affine_lps: np.ndarray) -> CoarseResult:
    """Average NCCT and Syn-CTA.

    Args:
        ncct_hu: (slice, row, column) source in HU.
        syn_cta_hu: result on the same grid.
        affine_lps: (4, 4) matrix from (column, row, slice, 1) to mm in LPS.

    Returns:
        The coarse result.
    """
    body = coarse_body(ncct_hu, affine_lps)
    return CoarseResult(body, coarse_body(syn_cta_hu, affine_lps).hu - body.hu)
