"""Run the bundle's preprocessing on an NCCT series, as a whole or slab by slab."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from monai.data import MetaTensor

from operators.bundle.inference_bundle import InferenceBundle, Slab
from operators.dicom_loader.series import NCCTSeries

logger = logging.getLogger(__name__)

_PIECE_SLICES = 32
"""Slices that are held as float32 at once while the input of the context network is made."""


@dataclass(frozen=True)
class PreparedVolume:
    """A series on its way through the bundle.

    The working grid of a long scan may be larger than the scan itself, so each piece is made only when it is needed.

    Attributes:
        series: the source, with warnings from the bundle.
        bundle: prepares the pieces.
        slabs: where the pieces lie, from feet to head; None for a piece that is the whole volume.
        brightest_norm: normalised largest value over all slices, on the working grid in the plane, (X, Y): what is
            body in any slice is body here. None for a volume that is taken whole.
        context_map: the bundle's map of the whole scan; None for a bundle without one.
    """

    series: NCCTSeries
    bundle: InferenceBundle
    slabs: list[Slab | None]
    brightest_norm: torch.Tensor | None
    context_map: torch.Tensor | None = None

    def pieces(self) -> Iterator[tuple[Slab | None, dict[str, Any]]]:
        """Each slab with the bundle's dictionary, whose "image" is the normalised piece on the working grid.

        The next piece is prepared while the caller works on one.
        """
        with ThreadPoolExecutor(1, thread_name_prefix="prepare") as pool:
            upcoming = pool.submit(self._piece, self.slabs[0])
            for i, slab in enumerate(self.slabs):
                data = upcoming.result()
                if i + 1 < len(self.slabs):
                    upcoming = pool.submit(self._piece, self.slabs[i + 1])
                yield slab, data

    def _piece(self, slab: Slab | None) -> dict[str, Any]:
        data = self.bundle.preprocess(as_meta_tensor(self.series, slab), slab, self.context_map)
        return data if slab is None else {**data, "brightest": self.brightest_norm}


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
    return _slices(series, range(len(series.hu)) if slab is None else slab.source)


def _slices(series: NCCTSeries, source: range) -> MetaTensor:
    """Some slices of a series, counted from the feet; see `as_meta_tensor`."""
    slices = len(series.hu)
    piece_hu = np.ascontiguousarray(towards_head(series.hu, series)[source.start : source.stop], dtype=np.float32)
    affine = series.affine_ras.copy()
    if affine[2, 2] < 0:  # the volume runs from head to feet
        affine[:, 3] += (slices - 1) * affine[:, 2]
        affine[:, 2] *= -1
    affine[:, 3] += source.start * affine[:, 2]
    hu = torch.from_numpy(piece_hu).permute(2, 1, 0)[None]  # (slice, row, column) -> (1, column, row, slice)
    return MetaTensor(hu, affine=torch.from_numpy(affine))


def prepare(series: NCCTSeries, bundle: InferenceBundle) -> PreparedVolume:
    """Plan the slabs of a series for the bundle's `preprocessing`; each one is prepared when it is needed."""
    slices = len(series.hu)
    starts = range(0, slices, _PIECE_SLICES)
    pieces = (_slices(series, range(start, min(start + _PIECE_SLICES, slices))) for start in starts)
    context_map, warnings = bundle.context_map(pieces, slices)
    for warning in warnings:
        logger.warning(warning)
    series = replace(series, warnings=[*series.warnings, *warnings])
    slabs = bundle.slabs(slices, series.spacing_mm[2])
    brightest_norm = None if slabs == [None] else _brightest(series, bundle, context_map)
    return PreparedVolume(series, bundle, slabs, brightest_norm, context_map)


def _brightest(series: NCCTSeries, bundle: InferenceBundle, context_map: torch.Tensor | None) -> torch.Tensor:
    """Resample one slice of the largest values to the working grid in place of all slices."""
    brightest_hu = torch.from_numpy(series.hu.max(axis=0).astype(np.float32).T.copy())[None, ..., None]
    brightest = MetaTensor(brightest_hu, affine=torch.from_numpy(series.affine_ras))
    image = bundle.preprocess(brightest, context_map=context_map)["image"]
    return image.as_tensor().amax(dim=(0, -1))  # (1, X, Y, 1) -> (X, Y)
