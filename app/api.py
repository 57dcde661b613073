"""The app from Python, for notebooks and scripts: `convert` for DICOM, `synthesize` for arrays.

    from app.api import convert, synthesize

Both load the libraries and the network at their first call (seconds), and keep the network for the next one.
"""

import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.cuda_runtime import preload_cuda_runtime
from app.shipped import BUNDLE, SETTINGS
from app.stack_limit import raise_stack_limit

if TYPE_CHECKING:
    from operators.bundle.inference_bundle import InferenceBundle

_SLANT = 0.5
"""Smallest cosine between the third array axis and the patient's long axis: the network takes axial slices."""


def convert(
    input_folder: str | Path,
    output_folder: str | Path,
    *,
    bundle: str | Path | None = None,
    settings: str | Path | None = None,
    series_uid: str | None = None,
    device: str | None = None,
    amp: bool | None = None,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Convert a non-contrast DICOM series, as `python -m app` does.

    Args:
        input_folder: DICOM folder, searched with its sub-folders.
        output_folder: receives syn-cta/, companions/, preview.png, result.html and result.json, or nothing at all.
        bundle: MONAI bundle folder; None for the shipped one.
        settings: app.yaml of the site; None for the shipped one.
        series_uid: SeriesInstanceUID to convert instead of the one that the rule chooses.
        device: "cpu", "cuda" or "cuda:N"; None for a GPU when there is one.
        amp: mixed precision on or off; None for the bundle's choice.
        overwrite: whether an earlier result in the output folder is replaced.

    Returns:
        The record of the run, the content of result.json.

    Raises:
        operators.errors.Refusal: when the input must not be converted or the output cannot be written; `reason.code`
            is a stable word, `message` says what was found and what to do.
    """
    raise_stack_limit()  # before Holoscan is imported
    preload_cuda_runtime()
    from app.app import run_opened
    from app.settings import read_settings
    from operators.dicom_loader.files import files_under
    from operators.output.staging import RESULT_FILE, check_output

    output = Path(output_folder)
    site = read_settings(Path(settings) if settings else SETTINGS)
    check_output(output, overwrite=overwrite)
    files_under(Path(input_folder))  # report a wrong folder before the network is loaded
    run_opened(
        input_folder=Path(input_folder),
        output_folder=output,
        bundle=_open_bundle(bundle, device, amp),
        settings=site,
        series_uid=series_uid,
    )
    return json.loads((output / RESULT_FILE).read_text(encoding="utf-8"))


def synthesize(
    volume_hu: np.ndarray,
    affine: np.ndarray,
    *,
    bundle: str | Path | None = None,
    device: str | None = None,
    amp: bool | None = None,
) -> np.ndarray:
    """Synthesise the CTA of a volume in memory, laid out as NIfTI has it (nibabel, MONAI).

    Only the layout is checked, not contrast, body part or slice thickness. Mark what you write from it as
    synthetic.

    Args:
        volume_hu: (X, Y, Z) non-contrast CT in HU; axial slices along the third axis, in either direction.
        affine: (4, 4) matrix from (i, j, k, 1) to mm in RAS.
        bundle: MONAI bundle folder; None for the shipped one.
        device: "cpu", "cuda" or "cuda:N"; None for a GPU when there is one.
        amp: mixed precision on or off; None for the bundle's choice.

    Returns:
        (X, Y, Z) synthetic HU on the same grid, float32.

    Raises:
        ValueError: when the volume is not three-dimensional and finite, or its third axis is not along the body.
        operators.errors.Refusal: when the bundle or the device cannot be used.
    """
    volume_hu, affine = np.asarray(volume_hu), np.asarray(affine, dtype=float)
    _check_layout(volume_hu, affine)
    preload_cuda_runtime()
    from operators.dicom_loader.series import NCCTSeries
    from operators.preprocessing.prepare import prepare
    from operators.synthesis.synthesize import synthesize as synthesize_prepared

    opened = _open_bundle(bundle, device, amp)
    spacing_mm = tuple(float(step) for step in np.linalg.norm(affine[:3, :3], axis=0))
    series = NCCTSeries(
        hu=volume_hu.transpose(2, 1, 0),  # (slice, row, column)
        affine_lps=np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine,
        spacing_mm=(spacing_mm[0], spacing_mm[1], spacing_mm[2]),
        headers=[],
        choice="an array",
        candidates=1,
    )
    synthetic = synthesize_prepared(prepare(series, opened), opened)
    return np.ascontiguousarray(synthetic.hu.transpose(2, 1, 0), dtype=np.float32)


def _check_layout(volume_hu: np.ndarray, affine: np.ndarray) -> None:
    if volume_hu.dtype.kind not in "iuf":
        raise ValueError(f"The volume must hold real numbers in HU. Found {volume_hu.dtype}.")
    if volume_hu.ndim != 3 or min(volume_hu.shape) == 0 or not np.isfinite(volume_hu).all():
        raise ValueError(f"The volume must be three-dimensional with finite HU. Found shape {volume_hu.shape}.")
    if affine.shape != (4, 4) or not np.isfinite(affine).all() or abs(np.linalg.det(affine[:3, :3])) < 1e-6:
        raise ValueError("The affine must be a 4 x 4 matrix of finite numbers with a voxel size above 0.")
    if abs(affine[2, 2]) < _SLANT * np.linalg.norm(affine[:3, 2]):
        raise ValueError(
            "The third axis of the volume must run along the body (feet to head or back). Reorient it first, for "
            "example with nibabel.as_closest_canonical(image)."
        )


def _open_bundle(bundle: str | Path | None, device: str | None, amp: bool | None) -> "InferenceBundle":
    return _cached_bundle(Path(bundle) if bundle else BUNDLE, device, amp)


@lru_cache(maxsize=1)
def _cached_bundle(folder: Path, device: str | None, amp: bool | None) -> "InferenceBundle":
    from operators.bundle.inference_bundle import InferenceBundle

    return InferenceBundle(folder, device=device, amp=amp)
