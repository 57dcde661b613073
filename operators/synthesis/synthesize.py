"""From a prepared volume to synthetic HU on the source grid, by the bundle's inferer, network and postprocessing."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing
import torch

from operators.bundle.inference_bundle import InferenceBundle, Slab
from operators.dicom_loader.series import NCCTSeries
from operators.errors import Reason, Refusal
from operators.preprocessing.prepare import PreparedVolume, towards_head
from operators.progress import with_progress


@dataclass(frozen=True)
class SyntheticVolume:
    """A series with its synthetic CTA.

    Attributes:
        series: the source.
        hu: (slice, row, column) synthetic HU on the grid of the source; whole HU in int16 where the source has them,
            else float32.
        uncertainty_hu: its standard deviation on the same grid, float16, None where it was not asked for.
    """

    series: NCCTSeries
    hu: np.ndarray
    uncertainty_hu: np.ndarray | None = None


def synthesize(prepared: PreparedVolume, bundle: InferenceBundle, *, uncertainty: bool = False) -> SyntheticVolume:
    """Synthesise the CTA of a prepared volume, piece by piece.

    Args:
        prepared: the volume.
        bundle: runs the network.
        uncertainty: whether its uncertainty is estimated, too.

    Returns:
        The CTA on the grid of the source.

    Raises:
        Refusal: INVALID_RESULT, when a value is not a number.
    """
    series = prepared.series
    synthetic_hu = np.empty(series.hu.shape, dtype=series.hu.dtype)
    uncertainty_hu = np.empty(series.hu.shape, dtype=np.float16) if uncertainty else None  # written in steps of 1 HU

    def finish(slab: Slab | None, data: dict[str, Any], pred: torch.Tensor) -> None:
        place = slice(None) if slab is None else slice(slab.wanted.start, slab.wanted.stop)
        on_source_grid = bundle.postprocess({**data, "pred": pred})  # (1, column, row, slice)
        towards_head(synthetic_hu, series)[place] = _as_array(on_source_grid, synthetic_hu.dtype)
        if uncertainty_hu is not None:
            towards_head(uncertainty_hu, series)[place] = _as_array(bundle.uncertainty(data), np.float16)

    # A piece is resampled to the source grid while the network works on the next; at most one is waiting.
    with ThreadPoolExecutor(1, thread_name_prefix="finish") as pool:
        finishing: Future[None] | None = None
        for slab, data in with_progress(prepared.pieces(), len(prepared.slabs), stage="synthesize", unit="slab"):
            pred = bundle.synthesize(data)
            if finishing is not None:
                finishing.result()
            finishing = pool.submit(finish, slab, data, pred)
        if finishing is not None:
            finishing.result()
    return SyntheticVolume(series, synthetic_hu, uncertainty_hu)


def _as_array(volume: torch.Tensor, dtype: np.typing.DTypeLike) -> np.ndarray:
    """(1, column, row, slice) -> (slice, row, column)."""
    values_hu = volume.as_subclass(torch.Tensor)[0].permute(2, 1, 0)
    if dtype != np.int16:
        return values_hu.cpu().numpy().astype(dtype)
    if not torch.isfinite(values_hu).all():
        raise Refusal(Reason.INVALID_RESULT, "The synthetic volume holds NaN or infinite values.")
    limits = torch.iinfo(torch.int16)
    return values_hu.round().clamp(limits.min, limits.max).short().cpu().numpy()
