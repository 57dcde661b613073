"""Limits of the quality checks and of what is written."""

from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Align = Literal["none", "rigid", "deformable"]
ALIGNMENTS: tuple[Align, ...] = get_args(Align)


def _limit(default: float, meaning: str) -> Any:
    return field(default=default, metadata={"help": meaning})


@dataclass(frozen=True)
class Checks:
    """Limits beyond which a pair is left out; the paper's exclusions as far as a program can check them.

    The metadata of each field explains it; the command's help shows that text.
    """

    min_slices: int = _limit(16, "least number of slices of a scan, and of the part that both scans show")
    max_slices: int = _limit(2000, "greatest number of slices of a scan")
    max_slice_mm: float = _limit(5.0, "greatest slice thickness in mm")
    max_thickness_ratio: float = _limit(2.0, "greatest ratio of the slice thickness of both scans")
    min_overlap: float = _limit(0.5, "least share of the shorter scan, and of the body, that both scans show")
    min_similarity: float = _limit(
        0.75, "least correlation of both scans inside the body; below it they show different bodies"
    )
    min_enhanced_ml_per_cm: float = _limit(
        0.25, "least volume of soft tissue raised by more than 100 HU, per cm along the body"
    )


@dataclass(frozen=True)
class PairOptions:
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

    def __post_init__(self) -> None:
        if self.align not in ALIGNMENTS:
            raise ValueError(f"align must be one of {', '.join(map(repr, ALIGNMENTS))}, found {self.align!r}.")
