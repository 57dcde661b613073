"""Limits that the loader applies to a series; the values come from app.yaml."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LoaderSettings:
    """Limits of what is accepted as an NCCT series.

    Attributes:
        min_slices: fewest slices of a series that is converted.
        max_slice_spacing_mm: largest distance between neighbouring slices.
        position_tolerance_mm: largest deviation of a slice from its place in the regular stack (rounding in headers).
        max_lateral_drift_mm: largest sideways shift of a slice against the first one; more is a tilted gantry.
        max_oblique_deg: largest angle between the slice normal and the patient's long axis.
        enhanced_volume_ml: volume of bright, even, vessel-like blood at which the image counts as contrast-enhanced.
    """

    min_slices: int = 8
    max_slice_spacing_mm: float = 5.0
    position_tolerance_mm: float = 0.1
    max_lateral_drift_mm: float = 0.5
    max_oblique_deg: float = 15.0
    enhanced_volume_ml: float = 15.0
