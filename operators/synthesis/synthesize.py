"""From a prepared volume to synthetic HU on the source grid, by the bundle's inferer, network and postprocessing."""

from dataclasses import dataclass

import numpy as np

from operators.dicom_loader.series import NCCTSeries
from operators.inference_bundle import InferenceBundle
from operators.resample.prepare import PreparedVolume


@dataclass(frozen=True)
class SyntheticVolume:
    """A series with its synthetic CTA.

    Attributes:
        series: the source.
        hu: (slice, row, column) synthetic HU on the grid of the source; a view, not contiguous.
    """

    series: NCCTSeries
    hu: np.ndarray


def synthesize(prepared: PreparedVolume, bundle: InferenceBundle) -> SyntheticVolume:
    """Synthesise the CTA of a prepared volume."""
    prediction = bundle.synthesize(prepared.data)
    on_source_grid = bundle.postprocess({**prepared.data, "pred": prediction})  # (1, column, row, slice)
    hu = on_source_grid[0].permute(2, 1, 0).cpu().numpy()  # (slice, row, column)
    return SyntheticVolume(prepared.series, hu)
