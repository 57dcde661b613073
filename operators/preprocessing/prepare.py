"""Hand an NCCT series to the bundle's preprocessing, whole or piece by piece."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from monai.data import MetaTensor

from operators.bundle.inference_bundle import InferenceBundle, Slab
from operators.dicom_loader.series import NCCTSeries


@dataclass(frozen=True)
class PreparedVolume:
    """A series on its way through the bundle.

    The working grid of a long scan may be larger than the scan itself, so the pieces are made when they are asked for.

    Attributes:
        series: the source.
        bundle: prepares the pieces.
        slabs: where the pieces lie, from feet to head; None for a piece that is the whole volume.
        first: the bundle's dictionary of the first piece.
        brightest_norm: largest normalised value over all slices of the working grid, (X, Y).
    """

    series: NCCTSeries
    bundle: InferenceBundle
    slabs: list[Slab | None]
    first: dict[str, Any]
    brightest_norm: torch.Tensor

    def pieces(self) -> Iterator[tuple[Slab | None, dict[str, Any]]]:
        """Each slab with the bundle's dictionary, whose "image" is the normalised piece on the working grid."""
        for i, slab in enumerate(self.slabs):
            data = self.first if i == 0 else self.bundle.preprocess(as_meta_tensor(self.series, slab), slab)
            yield slab, (data if slab is None else {**data, "brightest": self.brightest_norm})


def towards_head(volume: np.ndarray, series: NCCTSeries) -> np.ndarray:
    """View of a (slice, row, column) volume of a series with slices in the order from feet to head."""
    return volume if series.affine_lps[2, 2] > 0 else volume[::-1]


def as_meta_tensor(series: NCCTSeries, slab: Slab | None = None) -> MetaTensor:
    """The series' volume, or a slab of it, in MONAI's convention.

    Args:
        series: the source.
        slab: the piece, None for the whole volume.

    Returns:
        (1, column, row, slice) float32 volume in HU, slices from feet to head, with its RAS affine.
    """
    slices = len(series.hu)
    source = range(slices) if slab is None else slab.source
    piece_hu = np.ascontiguousarray(towards_head(series.hu, series)[source.start : source.stop], dtype=np.float32)
    affine = series.affine_ras.copy()
    if affine[2, 2] < 0:  # the volume runs from head to feet
        affine[:, 3] += (slices - 1) * affine[:, 2]
        affine[:, 2] *= -1
    affine[:, 3] += source.start * affine[:, 2]
    hu = torch.from_numpy(piece_hu).permute(2, 1, 0)[None]  # (slice, row, column) -> (1, column, row, slice)
    return MetaTensor(hu, affine=torch.from_numpy(affine))


def prepare(series: NCCTSeries, bundle: InferenceBundle) -> PreparedVolume:
    """Resample and normalise a series by the bundle's `preprocessing`."""
    slabs = bundle.slabs(len(series.hu), series.spacing_mm[2])
    first = bundle.preprocess(as_meta_tensor(series, slabs[0]), slabs[0])
    brightest_norm = _brightest(first)
    for slab in slabs[1:]:
        piece = bundle.preprocess(as_meta_tensor(series, slab), slab)
        brightest_norm = torch.maximum(brightest_norm, _brightest(piece))
    return PreparedVolume(series, bundle, slabs, first, brightest_norm)


def _brightest(data: dict[str, Any]) -> torch.Tensor:
    return torch.as_tensor(data["image"]).amax(dim=(0, -1))  # (1, X, Y, Z) -> (X, Y)
