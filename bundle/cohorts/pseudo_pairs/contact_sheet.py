"""Contact sheet of pseudo-pairs: NCCT, CTA and their difference for each patient, axial, in the soft-tissue window."""

import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import SimpleITK as sitk

from cohorts.pseudo_pairs.recipe import SPLITS
from scripts.structures import Structure

SOFT_TISSUE_HU = (-160.0, 240.0)
CTA_WINDOW_HU = (-150.0, 550.0)
DIFFERENCE_HU = (-400.0, 400.0)
PANELS = 4


def _load(path: Path) -> np.ndarray:
    """(slices, rows, columns)."""
    return sitk.GetArrayFromImage(sitk.ReadImage(str(path)))


def _slice_with_most(labels: np.ndarray) -> int:
    """The slice with the largest arterial lumen and heart, where there is most to judge."""
    lumen, other = ((labels == kind).sum((1, 2)) for kind in (Structure.ARTERIAL_LUMEN, Structure.OTHER_ENHANCING))
    return int(np.argmax(lumen * 4 + other))


def draw_contact_sheet(data: Path, picture: Path) -> None:
    """Draw one row for each patient of `data`'s datalist.json into the file `picture`."""
    datalist = json.loads((data / "datalist.json").read_text())
    rows = [(split, entry) for split in SPLITS for entry in datalist.get(split, [])]
    if not rows:
        raise ValueError(f"{data / 'datalist.json'} lists no patient.")
    figure, axes = plt.subplots(len(rows), PANELS, figsize=(4 * PANELS, 3.1 * len(rows)), squeeze=False)
    for axis_row, (split, entry) in zip(axes, rows, strict=True):
        ncct, cta, aligned, labels = (_load(data / entry[key]) for key in ("ncct", "cta", "cta_aligned", "structures"))
        z = _slice_with_most(labels)
        panels = (
            (ncct[z], "gray", SOFT_TISSUE_HU, "pseudo-NCCT"),
            (aligned[z], "gray", CTA_WINDOW_HU, "CTA, aligned"),
            (cta[z], "gray", CTA_WINDOW_HU, "CTA, misaligned"),
            (aligned[z].astype(np.float32) - ncct[z], "coolwarm", DIFFERENCE_HU, "aligned - NCCT"),
        )
        for axis, (values, colours, (low, high), title) in zip(axis_row, panels, strict=True):
            axis.imshow(values, cmap=colours, vmin=low, vmax=high)
            axis.set_title(title, fontsize=9)
            axis.axis("off")
        axis_row[0].set_title(
            f"{entry['patient']}\n({split}, {entry['region']}, {entry['label']}): pseudo-NCCT", fontsize=7
        )
    figure.tight_layout(pad=0.4)
    picture.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(picture, dpi=90)
    plt.close(figure)
