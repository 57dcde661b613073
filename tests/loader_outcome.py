"""What the loader makes of some files: a sound series, or a typed refusal; anything else is an error."""

from contextlib import suppress
from pathlib import Path

import numpy as np

from app.failures import as_refusal
from operators.dicom_loader.load import load_ncct_series
from operators.dicom_loader.studies import find_studies
from operators.errors import Reason, Refusal


def outcome(files: list[bytes], folder: Path) -> str:
    """Load files as the app does.

    Args:
        files: contents of the files.
        folder: an empty folder to put them into; emptied again.

    Returns:
        "read" or the reason code of the refusal.

    Raises:
        Exception: what is neither.
    """
    for i, content in enumerate(files):
        (folder / f"{i:03d}").write_bytes(content)
    try:
        _find(folder)
        series = load_ncct_series(folder)
    except Exception as error:
        refusal = as_refusal(error)
        if refusal.reason is Reason.INTERNAL:
            raise
        return refusal.reason.code
    finally:
        for path in folder.iterdir():
            path.unlink()
    assert series.hu.ndim == 3 and len(series.headers) == len(series.hu), "a series has a header for each slice"
    assert np.isfinite(series.hu).all(), "HU are numbers"
    assert np.isfinite(series.affine_lps).all() and abs(np.linalg.det(series.affine_lps)) > 0, "voxels have a size"
    return "read"


def _find(folder: Path) -> None:
    with suppress(Refusal):  # the loader says why
        find_studies(folder)
