"""Hand an NCCT series to the bundle's preprocessing, without copying the volume."""

from dataclasses import dataclass
from typing import Any

import torch
from monai.data import MetaTensor

from operators.dicom_loader.series import NCCTSeries
from operators.inference_bundle import InferenceBundle


@dataclass(frozen=True)
class PreparedVolume:
    """A series with its normalised volume.

    Attributes:
        series: the source.
        data: the bundle's dictionary; "image" is the normalised volume (1, X, Y, Z) on the working grid.
    """

    series: NCCTSeries
    data: dict[str, Any]


def as_meta_tensor(series: NCCTSeries) -> MetaTensor:
    """The series' volume in MONAI's convention.

    Args:
        series: the source.

    Returns:
        (1, column, row, slice) float32 view of the volume in HU, with its RAS affine.
    """
    hu = torch.from_numpy(series.hu).permute(2, 1, 0)[None]  # (slice, row, column) -> (1, column, row, slice)
    return MetaTensor(hu, affine=torch.from_numpy(series.affine_ras))


def prepare(series: NCCTSeries, bundle: InferenceBundle) -> PreparedVolume:
    """Resample and normalise a series by the bundle's `preprocessing`."""
    return PreparedVolume(series, bundle.preprocess(as_meta_tensor(series)))
