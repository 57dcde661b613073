"""An NCCT series ready for synthesis: HU volume, geometry, and the headers that the result is written from."""

from dataclasses import dataclass, field

import numpy as np
from pydicom.dataset import Dataset


@dataclass(frozen=True)
class OtherSeries:
    """A series that was checked and not chosen.

    Attributes:
        slices: positions in it.
        reason: reason code.
        message: what was found, without patient data.
    """

    slices: int
    reason: str
    message: str


@dataclass(frozen=True)
class NCCTSeries:
    """One non-contrast CT series on its own grid.

    Attributes:
        hu: (slice, row, column) volume in HU, int16 where that holds every value, else float32; slices ascend along the
            slice normal, padding is air.
        affine_lps: (4, 4) matrix from (column, row, slice, 1) to mm in LPS patient coordinates.
        spacing_mm: (column, row, slice) distance between voxel centres.
        headers: source header of each slice, in the order of the volume, without pixels; slices from a multi-frame
            object share its SOPInstanceUID and have their frame in ReferencedFrameNumber (0008,1160).
        choice: why this series, in words.
        candidates: number of CT series looked at.
        excluded: number of series passed over for each reason code.
        passed_over: these series one by one, largest first.
        warnings: what a reader of the result should know; no patient data.
        contrast_found: what speaks of contrast in the series, in sentences; empty for what the app is made for.
    """

    hu: np.ndarray
    affine_lps: np.ndarray
    spacing_mm: tuple[float, float, float]
    headers: list[Dataset]
    choice: str
    candidates: int
    excluded: dict[str, int] = field(default_factory=dict)
    passed_over: list[OtherSeries] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    contrast_found: list[str] = field(default_factory=list)

    @property
    def affine_ras(self) -> np.ndarray:
        """(4, 4) matrix from (column, row, slice, 1) to mm in RAS, the convention of NIfTI and MONAI."""
        return np.diag([-1.0, -1.0, 1.0, 1.0]) @ self.affine_lps
