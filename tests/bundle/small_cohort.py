"""A cohort of tiny volumes in the layout of the training data, for tests that need no anatomy."""

import json
from pathlib import Path

import nibabel
import numpy as np

_SIDE, _SLICES = 128, 8
_LPS = np.diag([-0.67, -0.67, 1.25, 1.0])


def write_small_cohort(folder: Path, training: int = 2, validation: int = 1) -> Path:
    """Write patients that are a body with one vessel; the CTA as acquired lies 3 voxels beside the truth.

    Returns:
        Path of the datalist.
    """
    generator = np.random.default_rng(0)
    splits: dict[str, list[dict]] = {"training": [], "validation": [], "test": []}
    for index in range(training + validation):
        name = f"patient-{index}"
        volumes = _volumes(generator, vessel_column=45 + 5 * index)
        (folder / name).mkdir(parents=True)
        for key, volume in volumes.items():
            dtype = np.uint8 if key == "structures" else np.int16
            nibabel.save(nibabel.Nifti1Image(volume.astype(dtype), _LPS), folder / name / f"{key}.nii")
        record = {"patient": name, "region": "chest", "label": "healthy"}
        split = "training" if index < training else "validation"
        splits[split].append(record | {key: f"{name}/{key}.nii" for key in volumes})
    datalist = folder / "datalist.json"
    datalist.write_text(json.dumps(splits))
    return datalist


def _volumes(generator: np.random.Generator, vessel_column: int) -> dict[str, np.ndarray]:
    x, y = np.mgrid[:_SIDE, :_SIDE]
    body = (x - 64) ** 2 / 50**2 + (y - 64) ** 2 / 40**2 < 1
    vessel = (x - vessel_column) ** 2 + (y - 70) ** 2 < 100
    structures = np.where(vessel, 3, body)[..., None].repeat(_SLICES, axis=2)  # (x, y, z)
    plain_hu = np.choose(structures, [-1024, 50, 50, 40])
    enhanced_hu = np.choose(structures, [-1024, 50, 50, 350])
    ncct_hu = plain_hu + generator.normal(0, 10, plain_hu.shape)
    return {
        "ncct": ncct_hu, "cta": np.roll(enhanced_hu, 3, axis=0), "cta_aligned": enhanced_hu, "structures": structures,
    }  # fmt: skip
