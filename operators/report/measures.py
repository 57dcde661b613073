"""The main figures of a run: the same ones in the structured report and in the PDF."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from operators.report.comparison import ENHANCED_FROM_HU, Comparison, HUDistribution
from operators.report.vessels import VesselCoverage

DOUBTFUL_FROM_HU = 30.0
"""Uncertainty from which a voxel counts as doubtful: a tenth of the usual contrast of a vessel (about 300 HU)."""


class Statistic(Enum):
    """What is measured; the value is its name for a reader."""

    VOLUME = "volume"
    MEAN = "mean"
    STANDARD_DEVIATION = "standard deviation"
    MEDIAN = "median"
    MAXIMUM = "maximum"
    LENGTH = "enhanced length"

    @property
    def unit(self) -> str:
        """Unit of the figure."""
        return {Statistic.VOLUME: "ml", Statistic.LENGTH: "mm"}.get(self, "HU")


@dataclass(frozen=True)
class MeasureGroup:
    """Figures of one thing.

    Attributes:
        name: the thing.
        figures: value of each statistic.
    """

    name: str
    figures: dict[Statistic, float]


_FROM_SUMMARY = {
    Statistic.MEAN: "mean",
    Statistic.STANDARD_DEVIATION: "std",
    Statistic.MEDIAN: "median",
    Statistic.MAXIMUM: "max",
}


def run_measures(
    comparison: Comparison, spacing_mm: tuple[float, float, float], vessels: Sequence[VesselCoverage] = ()
) -> list[MeasureGroup]:
    """Collect the figures on the patient's vessels; those of all voxels are in result.json.

    Args:
        comparison: HU statistics.
        spacing_mm: (column, row, slice) size of a voxel.
        vessels: what the result shows of each.

    Returns:
        Groups in the order of reading.
    """
    voxel_ml = spacing_mm[0] * spacing_mm[1] * spacing_mm[2] / 1000
    groups = [
        _group(f"Syn-CTA where raised by more than {ENHANCED_FROM_HU:.0f} HU", comparison.enhanced, voxel_ml),
        *map(_vessel, vessels),
    ]
    if comparison.uncertainty is not None:
        enhanced, tissue = comparison.uncertainty.enhanced, comparison.uncertainty.tissue
        doubtful_ml = round(tissue.voxels_above(DOUBTFUL_FROM_HU) * voxel_ml, 1)
        groups += [
            _group("Uncertainty (SD of synthetic HU) of the raised voxels", enhanced),
            _group("Uncertainty (SD of synthetic HU) of all tissue", tissue),
            MeasureGroup(f"Tissue of more than {DOUBTFUL_FROM_HU:.0f} HU uncertainty", {Statistic.VOLUME: doubtful_ml}),
        ]
    return groups


def _vessel(vessel: VesselCoverage) -> MeasureGroup:
    figures = {Statistic.LENGTH: round(vessel.lit_mm, 1)}
    if vessel.mean_hu is not None:
        figures[Statistic.MEAN] = round(vessel.mean_hu, 1)
    return MeasureGroup(vessel.name, figures)


def _group(name: str, distribution: HUDistribution, voxel_ml: float | None = None) -> MeasureGroup:
    volume = {} if voxel_ml is None else {Statistic.VOLUME: round(float(distribution.counts.sum()) * voxel_ml, 1)}
    summary = distribution.summary()
    return MeasureGroup(name, volume | {statistic: summary[key] for statistic, key in _FROM_SUMMARY.items() if summary})
