"""Contact sheet of several patients: both scans, the aligned enhancement and the structures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import ListedColormap

from cohorts.phantom.patient import PhantomPatient

_STRUCTURE_COLOURS = ListedColormap(["black", "#4a4a4a", "#3b78b5", "#d6342c"])


def _body_view(structures: np.ndarray, margin_px: int = 14) -> tuple[slice, ...]:
    """Square around the body in one slice (y, x)."""
    places = np.argwhere(structures > 0)
    if places.size == 0:
        return slice(None), slice(None)
    low, high = places.min(axis=0), places.max(axis=0) + 1
    half = int((high - low).max()) // 2 + margin_px
    middle = (low + high) // 2
    return tuple(slice(max(0, int(m) - half), int(m) + half) for m in middle)


def write_contact_sheet(patients: Sequence[PhantomPatient], path: str | Path, dpi: int = 70) -> None:
    """Draw one row of five pictures for each patient, in the middle slice.

    NCCT in a soft-tissue window (40 / 400), CTA as acquired and CTA aligned in a vessel window (200 / 700), aligned CTA
    minus NCCT (-100 to 400 HU), and the structures (grey body, blue other enhancing tissue, red arterial lumen).
    """
    figure, axes = plt.subplots(len(patients), 5, figsize=(20, 4.15 * len(patients)), squeeze=False, facecolor="black")
    for row, patient in zip(axes, patients, strict=True):
        z = len(patient.ncct_hu) // 2
        view = _body_view(patient.structures[z])
        difference = patient.cta_aligned_hu[z].astype(np.int32) - patient.ncct_hu[z]
        pictures = (
            ("NCCT", patient.ncct_hu[z], "gray", -160, 240),
            (f"CTA as acquired ({patient.misalignment_mm:g} mm)", patient.cta_hu[z], "gray", -150, 550),
            ("CTA aligned", patient.cta_aligned_hu[z], "gray", -150, 550),
            ("aligned CTA - NCCT", difference, "gray", -100, 400),
            ("structures", patient.structures[z], _STRUCTURE_COLOURS, 0, 3),
        )
        for axis, (title, picture, colours, low, high) in zip(row, pictures, strict=True):
            axis.imshow(
                picture[view],
                cmap=colours,
                vmin=low,
                vmax=high,
                interpolation="nearest" if high == 3 else "antialiased",
            )
            axis.set_title(f"{patient.region}, {patient.label}\n{title}", color="white", fontsize=11)
            axis.axis("off")
    figure.tight_layout(pad=0.4)
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=dpi, facecolor="black")
    plt.close(figure)
