"""Scores how the enhancement holds when the same patient is scanned differently: calibration, voxel size, noise."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import nibabel
import numpy as np
import torch
from scipy.ndimage import zoom

from scripts.evaluation.measures import measures
from scripts.evaluation.scoring import Model
from studies.model_card.cohort_rows import score_rows, summary_rows

_MEASURES = measures(("psnr_db", "lumen_error_hu", "false_enhancement"))
_COARSE_PX_MM = 1.0
_COARSE_VOXEL_MM = 1.5
_VOXEL_NOISE_HU = 30.0
_NOISE_HU = 10.0

Alteration = Callable[[np.ndarray, tuple[float, ...]], np.ndarray]
"""From a volume in HU, (columns, rows, slices), and its spacing in mm to the altered volume of the same shape."""


def _resampled(ncct_hu: np.ndarray, shares: Sequence[float], noise_hu: float = 0.0) -> np.ndarray:
    """To another number of voxels along each axis and back, with noise on them."""
    other = zoom(ncct_hu, shares, order=1, grid_mode=True, mode="nearest")
    other += np.random.default_rng(0).normal(0, noise_hu, other.shape).astype(np.float32)
    back = [whole / part for whole, part in zip(ncct_hu.shape, other.shape, strict=True)]
    return zoom(other, back, order=1, grid_mode=True, mode="nearest")


def _coarse_pixels(ncct_hu: np.ndarray, spacing_mm: tuple[float, ...]) -> np.ndarray:
    return _resampled(ncct_hu, [*(min(1.0, pixel_mm / _COARSE_PX_MM) for pixel_mm in spacing_mm[:2]), 1.0])


def _coarse_voxels(ncct_hu: np.ndarray, spacing_mm: tuple[float, ...]) -> np.ndarray:
    return _resampled(ncct_hu, [min(1.0, side_mm / _COARSE_VOXEL_MM) for side_mm in spacing_mm], _VOXEL_NOISE_HU)


def _noisy(ncct_hu: np.ndarray, spacing_mm: tuple[float, ...]) -> np.ndarray:
    return ncct_hu + np.random.default_rng(0).normal(0, _NOISE_HU, ncct_hu.shape).astype(np.float32)


ALTERATIONS: dict[str, Alteration] = {
    "as it is": lambda ncct_hu, spacing_mm: ncct_hu,
    "-10 HU": lambda ncct_hu, spacing_mm: ncct_hu - 10,
    "+10 HU": lambda ncct_hu, spacing_mm: ncct_hu + 10,
    f"pixels of {_COARSE_PX_MM:g} mm": _coarse_pixels,
    f"voxels of {_COARSE_VOXEL_MM:g} mm, with noise of {_VOXEL_NOISE_HU:g} HU": _coarse_voxels,
    f"noise of {_NOISE_HU:g} HU added": _noisy,
}


class AlteredInput:
    """Synthesises from an altered NCCT, and adds the enhancement to the NCCT as it was.

    What is scored is the enhancement alone, then: an offset of 10 HU in the input is no error of the synthesis.

    Args:
        synthesis: the pipeline to score.
        alteration: what happens to the NCCT that it sees.
    """

    def __init__(self, synthesis: Model, alteration: Alteration) -> None:
        self.synthesis = synthesis
        self.alteration = alteration

    def __call__(self, path: str) -> tuple[torch.Tensor, torch.Tensor]:
        """Synthesise the NIfTI file `path`; returns source and synthetic volume in HU, (1, X, Y, Z)."""
        ncct = nibabel.load(path)
        ncct_hu = ncct.get_fdata(dtype=np.float32)
        with tempfile.TemporaryDirectory() as folder:
            altered = Path(folder) / "ncct.nii"
            altered_hu = self.alteration(ncct_hu, ncct.header.get_zooms())
            nibabel.save(nibabel.Nifti1Image(altered_hu, ncct.affine), altered)
            source_hu, synthetic_hu = self.synthesis(str(altered))
        unaltered_hu = torch.from_numpy(ncct_hu)[None]
        return unaltered_hu, unaltered_hu + (synthetic_hu - source_hu)


def score_robustness(patients: Sequence[dict], synthesis: Model) -> list[dict]:
    """Score every patient unaltered and under each alteration, the "model" of a row; see `score_rows`.

    Args:
        patients: records of `scripts.data.patients`; their volumes are NIfTI files.
        synthesis: the pipeline to score.
    """
    models = {name: AlteredInput(synthesis, alteration) for name, alteration in ALTERATIONS.items()}
    return score_rows(patients, models, _MEASURES)


def summarise(rows: Sequence[dict]) -> list[dict]:
    """Mean over all patients with a 95 % bootstrap confidence interval, for each alteration."""
    return [
        {"NCCT": row["model"]} | {measure.title: row[measure.title] for measure in _MEASURES}
        for row in summary_rows(rows, _MEASURES)
        if row["region"] == "all"
    ]
