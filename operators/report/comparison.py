"""Compare the NCCT with its Syn-CTA in one pass over the slices: HU histograms and where the enhancement lies."""

from dataclasses import dataclass

import numpy as np

_HISTOGRAM_HU = (-3072, 4095)
"""One bin for each HU; what lies beyond counts in the outermost bins."""

_PROFILE_FROM_HU = 50.0
"""Differences below this are noise and interpolation, not enhancement."""

ENHANCED_FROM_HU = 100.0


@dataclass(frozen=True)
class HUDistribution:
    """Distribution of HU.

    Attributes:
        counts: voxels for each HU from -3072 to 4095.
    """

    counts: np.ndarray

    def summary(self) -> dict[str, float]:
        """Mean, standard deviation and percentiles in HU, to 1 HU."""
        hu = np.arange(_HISTOGRAM_HU[0], _HISTOGRAM_HU[1] + 1)
        total = self.counts.sum()
        mean = float((self.counts * hu).sum() / total)
        deviation = float(np.sqrt((self.counts * (hu - mean) ** 2).sum() / total))
        cumulated = np.cumsum(self.counts)
        summary = {"mean": round(mean, 1), "std": round(deviation, 1)}
        for name, share in (("min", 0.0), ("p1", 0.01), ("median", 0.5), ("p99", 0.99), ("max", 1.0)):
            rank = max(1, int(np.ceil(share * total)))
            summary[name] = float(hu[np.searchsorted(cumulated, rank)])
        return summary


@dataclass(frozen=True)
class Comparison:
    """NCCT against Syn-CTA.

    Attributes:
        ncct: distribution of the source.
        syn_cta: distribution of the result.
        enhancement: distribution of result minus source.
        profiles: enhancement summed over planes, one array for each axis (slice, row, column).
        enhanced_voxels: voxels raised by more than 100 HU.
    """

    ncct: HUDistribution
    syn_cta: HUDistribution
    enhancement: HUDistribution
    profiles: tuple[np.ndarray, np.ndarray, np.ndarray]
    enhanced_voxels: int

    @property
    def richest_planes(self) -> tuple[int, int, int]:
        """(slice, row, column) index of the planes with most enhancement; the middle ones where there is none."""
        chosen = [int(np.argmax(profile)) if profile.any() else len(profile) // 2 for profile in self.profiles]
        return chosen[0], chosen[1], chosen[2]


def compare(ncct_hu: np.ndarray, syn_cta_hu: np.ndarray) -> Comparison:
    """Compare two volumes slice by slice; no copy of a volume is made.

    Args:
        ncct_hu: (slice, row, column) source.
        syn_cta_hu: result on the same grid.

    Returns:
        The comparison.
    """
    slices, rows, columns = ncct_hu.shape
    counts = np.zeros((3, _HISTOGRAM_HU[1] - _HISTOGRAM_HU[0] + 1), dtype=np.int64)
    by_slice, by_row, by_column = np.zeros(slices), np.zeros(rows), np.zeros(columns)
    enhanced_voxels = 0
    for i in range(slices):
        source_hu = ncct_hu[i]  # (row, column)
        result_hu = np.ascontiguousarray(syn_cta_hu[i])
        added_hu = result_hu - source_hu
        for row, plane_hu in enumerate((source_hu, result_hu, added_hu)):
            counts[row] += _histogram(plane_hu)
        enhanced_voxels += int((added_hu > ENHANCED_FROM_HU).sum())
        added_hu[added_hu < _PROFILE_FROM_HU] = 0
        by_slice[i] = added_hu.sum()
        by_row += added_hu.sum(axis=1)
        by_column += added_hu.sum(axis=0)
    return Comparison(*map(HUDistribution, counts), (by_slice, by_row, by_column), enhanced_voxels)


def _histogram(plane_hu: np.ndarray) -> np.ndarray:
    low, high = _HISTOGRAM_HU
    bins = np.clip(np.rint(plane_hu), low, high).astype(np.int16) - np.int16(low)
    return np.bincount(bins.ravel(), minlength=high - low + 1)
