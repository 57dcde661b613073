"""Reorder a volume so that its axes are the patient's: how pictures for people are made of it."""

import numpy as np


def patient_axes(affine_lps: np.ndarray) -> tuple[list[int], list[bool], list[float]]:
    """For S, P and L: the array axis (of slice, row, column) along it, whether it runs the other way, spacing in mm."""
    directions = affine_lps[:3, 2::-1]  # columns: one step in slice, row, column; rows: L, P, S
    spacing_mm = np.linalg.norm(directions, axis=0)
    cosines = directions / spacing_mm
    axes = [int(np.argmax(np.abs(cosines[patient_axis]))) for patient_axis in (2, 1, 0)]
    flips = [bool(cosines[patient_axis, axis] < 0) for patient_axis, axis in zip((2, 1, 0), axes, strict=True)]
    return axes, flips, [float(spacing_mm[axis]) for axis in axes]


def towards_patient(volume: np.ndarray, axes: list[int], flips: list[bool]) -> np.ndarray:
    """View of a (slice, row, column) volume as (S, P, L); nothing is copied."""
    return volume.transpose(axes)[tuple(slice(None, None, -1 if flip else 1) for flip in flips)]
