"""Compare the NCCT with its Syn-CTA in one pass over the slices: HU histograms and where the enhancement lies."""

from dataclasses import dataclass

import numpy as np

_HISTOGRAM_HU = (-3072, 4095)
"""One bin for each HU; what lies beyond counts in the outermost bins."""

_PROFILE_FROM_HU = 50.0
"""Differences below this are noise and interpolation, not enhancement."""

ENHANCED_FROM_HU = 100.0
_TISSUE_FROM_HU = -300.0
"""Values below are air and lung, where nothing is synthesised and an uncertainty of zero is meaningless."""


@dataclass(frozen=True)
class HUDistribution:
    """Distribution of HU.

    Attributes:
        counts: voxels for each HU from -3072 to 4095.
    """

    counts: np.ndarray

    def summary(self) -> dict[str, float]:
        """Mean, standard deviation and percentiles in HU, to 1 HU; empty without any voxel."""
        hu = np.arange(_HISTOGRAM_HU[0], _HISTOGRAM_HU[1] + 1)
        total = self.counts.sum()
        if total == 0:
            return {}
        mean = float((self.counts * hu).sum() / total)
        deviation = float(np.sqrt((self.counts * (hu - mean) ** 2).sum() / total))
        cumulated = np.cumsum(self.counts)
        summary = {"mean": round(mean, 1), "std": round(deviation, 1)}
        for name, share in (("min", 0.0), ("p1", 0.01), ("median", 0.5), ("p99", 0.99), ("max", 1.0)):
            rank = max(1, int(np.ceil(share * total)))
            summary[name] = float(hu[np.searchsorted(cumulated, rank)])
        return summary

    def voxels_above(self, hu: float) -> int:
        """Voxels of more than so many HU."""
        return int(self.counts[int(np.floor(hu)) + 1 - _HISTOGRAM_HU[0] :].sum())


@dataclass(frozen=True)
class UncertaintyDistribution:
    """Distribution of the uncertainty, standard deviation in HU.

    Attributes:
        tissue: over all tissue, air and lung left out.
        enhanced: over the voxels raised by more than 100 HU.
    """

    tissue: HUDistribution
    enhanced: HUDistribution


@dataclass(frozen=True)
class Comparison:
    """NCCT against Syn-CTA.

    Attributes:
        ncct: distribution of the source.
        syn_cta: distribution of the result.
        enhancement: distribution of result minus source.
        enhanced: distribution of the result over the voxels raised by more than 100 HU.
        uncertainty: distribution of the uncertainty, None where it was not computed.
        profiles: enhancement summed over planes, one array for each axis (slice, row, column).
    """

    ncct: HUDistribution
    syn_cta: HUDistribution
    enhancement: HUDistribution
    enhanced: HUDistribution
    uncertainty: UncertaintyDistribution | None
    profiles: tuple[np.ndarray, np.ndarray, np.ndarray]

    @property
    def enhanced_voxels(self) -> int:
        """Voxels raised by more than 100 HU."""
        return int(self.enhanced.counts.sum())

    @property
    def richest_planes(self) -> tuple[int, int, int]:
        """(slice, row, column) index of the planes with most enhancement; the middle ones where there is none."""
        chosen = [int(np.argmax(profile)) if profile.any() else len(profile) // 2 for profile in self.profiles]
        return chosen[0], chosen[1], chosen[2]

    def key_slices(self, count: int) -> list[int]:
        """Indices of slices that show the enhancement: the richest of each of `count` equal sections of the stack."""
        sections = np.array_split(np.arange(len(self.profiles[0])), min(count, len(self.profiles[0])))
        richest = [int(section[np.argmax(self.profiles[0][section])]) for section in sections]
        return [i for i in richest if self.profiles[0][i] > 0] or [self.richest_planes[0]]


def compare(ncct_hu: np.ndarray, syn_cta_hu: np.ndarray, uncertainty_hu: np.ndarray | None = None) -> Comparison:
    """Compare two volumes slice by slice; no copy of a volume is made.

    Args:
        ncct_hu: (slice, row, column) source.
        syn_cta_hu: result on the same grid.
        uncertainty_hu: its uncertainty on the same grid, None where it was not computed.

    Returns:
        The comparison.
    """
    slices, rows, columns = ncct_hu.shape
    counts = np.zeros((6, _HISTOGRAM_HU[1] - _HISTOGRAM_HU[0] + 1), dtype=np.int64)
    by_slice, by_row, by_column = np.zeros(slices), np.zeros(rows), np.zeros(columns)
    for i in range(slices):
        source_hu = ncct_hu[i]  # (row, column)
        result_hu = np.ascontiguousarray(syn_cta_hu[i])
        added_hu = np.subtract(result_hu, source_hu, dtype=np.float32)  # beyond int16 at the ends of its range
        is_enhanced = added_hu > ENHANCED_FROM_HU
        distributed = [source_hu, result_hu, added_hu, result_hu[is_enhanced]]
        if uncertainty_hu is not None:
            deviation_hu = np.ascontiguousarray(uncertainty_hu[i])
            distributed += [deviation_hu[result_hu > _TISSUE_FROM_HU], deviation_hu[is_enhanced]]
        for row, values_hu in enumerate(distributed):
            counts[row] += _histogram(values_hu)
        added_hu[added_hu < _PROFILE_FROM_HU] = 0
        by_slice[i] = added_hu.sum()
        by_row += added_hu.sum(axis=1)
        by_column += added_hu.sum(axis=0)
    ncct, syn_cta, enhancement, enhanced, *uncertainty = map(HUDistribution, counts)
    return Comparison(
        ncct=ncct,
        syn_cta=syn_cta,
        enhancement=enhancement,
        enhanced=enhanced,
        uncertainty=None if uncertainty_hu is None else UncertaintyDistribution(*uncertainty),
        profiles=(by_slice, by_row, by_column),
    )


def _histogram(values_hu: np.ndarray) -> np.ndarray:
    low, high = _HISTOGRAM_HU
    bins = np.clip(np.rint(values_hu), low, high).astype(np.int16) - np.int16(low)
    return np.bincount(bins.ravel(), minlength=high - low + 1)
