"""Limits of the quality checks and of what is written."""

from dataclasses import dataclass
from typing import Literal

Align = Literal["none", "rigid", "deformable"]


@dataclass(frozen=True)
class Checks:
    """Limits beyond which a pair is left out; the paper's exclusions as far as a program can see them.

    Attributes:
        min_slices: fewest slices of a scan, and of what both have in common.
        max_slices: most slices of a scan.
        max_slice_mm: thickest slices.
        max_thickness_ratio: thickness of the thicker scan over that of the thinner.
        min_overlap: share of the shorter scan that both have in common, and of the body that both show.
        min_similarity: correlation of both scans inside the body, after smoothing; lower is a different body.
        min_enhanced_ml_per_cm: soft tissue that the contrast raised by more than 100 HU, along the body.
    """

    min_slices: int = 16
    max_slices: int = 2000
    max_slice_mm: float = 5.0
    max_thickness_ratio: float = 2.0
    min_overlap: float = 0.5
    min_similarity: float = 0.75
    min_enhanced_ml_per_cm: float = 0.25


@dataclass(frozen=True)
class Making:
    """How pairs are made; everything in it decides what is written.

    Attributes:
        checks: limits.
        align: pre-alignment of the CTA.
        crop_margin_mm: air that is kept around the body in the plane; None keeps the whole field of view.
        misalignment_mm: of pseudo-pairs, between `cta` and `cta_aligned`.
        target_lumen_hu: arterial level of pseudo-pairs; None keeps the scan's.
        seed: of the noise and deformation of pseudo-pairs.
    """

    checks: Checks = Checks()
    align: Align = "none"
    crop_margin_mm: float | None = 10.0
    misalignment_mm: float = 4.0
    target_lumen_hu: float | None = None
    seed: int = 0
