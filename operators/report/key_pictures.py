"""The pictures of the PDF report: axial slices of the Syn-CTA from feet to head, and projections of its enhancement."""

from dataclasses import dataclass

import numpy as np

from operators.report.comparison import Comparison
from operators.report.patient_view import patient_axes, towards_patient
from operators.report.preview import DIFFERENCE_HU, WINDOW_HU

AXIAL_MARKS = ("R", "L", "A", "P")
CORONAL_MARKS = ("R", "L", "H", "F")
SAGITTAL_MARKS = ("A", "P", "H", "F")
"""Sides of the patient on the left, the right, the top and the bottom of a picture."""

_SLICES = 9


@dataclass(frozen=True)
class KeyPicture:
    """A picture with what its sides are.

    Attributes:
        caption: what it shows.
        grey: (row, column) uint8.
        marks: sides of the patient on the left, right, top and bottom.
        height_to_width: of a pixel, in mm.
    """

    caption: str
    grey: np.ndarray
    marks: tuple[str, str, str, str]
    height_to_width: float


@dataclass(frozen=True)
class KeyPictures:
    """All pictures of a report.

    Attributes:
        slices: 6 to 9 axial ones, fewer only where the series has fewer, from feet to head.
        projections: coronal and sagittal.
    """

    slices: list[KeyPicture]
    projections: list[KeyPicture]


def key_pictures(
    ncct_hu: np.ndarray, syn_cta_hu: np.ndarray, *, affine_lps: np.ndarray, comparison: Comparison
) -> KeyPictures:
    """Draw the pictures.

    The maximum projection shows the added enhancement, not the Syn-CTA: bones would hide the vessels.

    Args:
        ncct_hu: (slice, row, column) source.
        syn_cta_hu: result on the same grid.
        affine_lps: (4, 4) matrix from (column, row, slice, 1) to mm in LPS.
        comparison: says which slices show most.

    Returns:
        The pictures in radiological view: the patient's right on the left.
    """
    axes, flips, spacing_mm = patient_axes(affine_lps)
    ncct, result = (towards_patient(volume, axes, flips) for volume in (ncct_hu, syn_cta_hu))  # (S, P, L)
    profile = comparison.profiles[axes[0]][:: -1 if flips[0] else 1]
    sections = np.array_split(np.arange(len(profile)), min(_SLICES, len(profile)))
    chosen = [int(section[np.argmax(profile[section])]) for section in sections]
    slices = [
        KeyPicture(
            f"{_height_mm(i, affine_lps, axes, flips, ncct.shape[0]):.1f} mm, {i + 1} of {len(profile)} from the feet",
            _grey(result[i]),
            AXIAL_MARKS,
            spacing_mm[1] / spacing_mm[2],
        )
        for i in chosen
    ]
    coronal, sagittal = (np.zeros((ncct.shape[0], ncct.shape[side]), dtype=np.float32) for side in (2, 1))
    for i, (before_hu, after_hu) in enumerate(zip(ncct, result, strict=True)):
        added_hu = np.subtract(after_hu, before_hu, dtype=np.float32)
        coronal[i], sagittal[i] = added_hu.max(axis=0), added_hu.max(axis=1)
    caption = "MIP of the enhancement, {plane}, without bones"
    return KeyPictures(
        slices,
        [
            KeyPicture(caption.format(plane=plane), _share(added_hu[::-1]), marks, spacing_mm[0] / spacing_mm[side])
            for plane, added_hu, marks, side in (
                ("coronal", coronal, CORONAL_MARKS, 2),
                ("sagittal", sagittal, SAGITTAL_MARKS, 1),
            )
        ],
    )


def _height_mm(index: int, affine_lps: np.ndarray, axes: list[int], flips: list[bool], count: int) -> float:
    """Position of an axial plane along the patient: z of Image Position (0020,0032) of an axial series."""
    along = count - 1 - index if flips[0] else index
    return float(affine_lps[2, 3] + along * affine_lps[2, 2 - axes[0]])


def _grey(plane_hu: np.ndarray) -> np.ndarray:
    center, width = WINDOW_HU
    return (np.clip((plane_hu.astype(np.float32) - (center - width / 2)) / width, 0, 1) * 255).astype(np.uint8)


def _share(added_hu: np.ndarray) -> np.ndarray:
    return (np.clip(added_hu / DIFFERENCE_HU, 0, 1) * 255).astype(np.uint8)
