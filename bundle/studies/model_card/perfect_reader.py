"""A reference for phantom scores: a reader who sees all anatomy, but not how bright contrast will make it."""

from pathlib import Path

import torch
from monai.transforms import LoadImage

from cohorts.phantom.anatomy import draw_anatomy
from cohorts.phantom.output.cohort import read_plan
from cohorts.phantom.patient import clean_enhancement_hu


def perfect_reader(path: str | Path) -> tuple[torch.Tensor, torch.Tensor]:
    """Add to a phantom's NCCT what contrast adds at the usual level of each tissue.

    Such a reader sees even what an NCCT hardly shows: the wall between two chambers of the heart, a flap, thrombus. A
    method that adds to the NCCT and leaves its noise unchanged can only score higher by chance.

    Args:
        path: the patient's "ncct", in the patient's folder of a phantom cohort.

    Returns:
        The NCCT and the volume with contrast in HU, MetaTensors of shape (1, X, Y, Z).

    Raises:
        ValueError: when the folder is not one of `cohorts.phantom`, or of another version.
    """
    plan = read_plan(Path(path).parent)
    ncct_hu = LoadImage(ensure_channel_first=True)(path)
    enhancement_hu = clean_enhancement_hu(draw_anatomy(**plan.anatomy(), usual_levels=True), plan.spacing_mm)
    return ncct_hu, ncct_hu + torch.from_numpy(enhancement_hu.T.copy())[None]  # (z, y, x) -> (1, x, y, z)
