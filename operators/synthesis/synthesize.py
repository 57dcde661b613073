"""From a prepared volume to synthetic HU on the source grid, by the bundle's inferer, network and postprocessing."""

from dataclasses import dataclass

import numpy as np
import torch

from operators.bundle.inference_bundle import InferenceBundle
from operators.dicom_loader.series import NCCTSeries
from operators.preprocessing.prepare import PreparedVolume, towards_head


@dataclass(frozen=True)
class SyntheticVolume:
    """A series with its synthetic CTA.

    Attributes:
        series: the source.
        hu: (slice, row, column) synthetic HU on the grid of the source, float32.
        uncertainty_hu: its standard deviation on the same grid, float16, None where it was not asked for.
    """

    series: NCCTSeries
    hu: np.ndarray
    uncertainty_hu: np.ndarray | None = None


def synthesize(prepared: PreparedVolume, bundle: InferenceBundle, *, uncertainty: bool = False) -> SyntheticVolume:
    """Synthesise the CTA of a prepared volume, piece by piece.

    Args:
        prepared: the volume.
        bundle: what synthesises.
        uncertainty: whether its uncertainty is estimated, too.

    Returns:
        The CTA on the grid of the source.
    """
    series = prepared.series
    synthetic_hu = np.empty(series.hu.shape, dtype=np.float32)
    uncertainty_hu = np.empty(series.hu.shape, dtype=np.float16) if uncertainty else None  # written in steps of 1 HU
    for slab, data in prepared.pieces():
        place = slice(None) if slab is None else slice(slab.wanted.start, slab.wanted.stop)
        on_source_grid = bundle.postprocess({**data, "pred": bundle.synthesize(data)})  # (1, column, row, slice)
        towards_head(synthetic_hu, series)[place] = _as_array(on_source_grid)
        if uncertainty_hu is not None:
            towards_head(uncertainty_hu, series)[place] = _as_array(bundle.uncertainty(data))
    return SyntheticVolume(series, synthetic_hu, uncertainty_hu)


def _as_array(volume: torch.Tensor) -> np.ndarray:
    return volume[0].permute(2, 1, 0).cpu().numpy()  # (1, column, row, slice) -> (slice, row, column)
