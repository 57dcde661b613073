"""Smooth displacement between two scans of one patient: posture, pulsation and a breathing part, in mm."""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk

from cohorts.phantom.atlas.smooth_noise import SmoothField, linear_zoom

_REFERENCE_HALF_MM = (192.0, 192.0, 120.0)
_MESH_MM = 8.0


def random_displacement_mm(
    rng: np.random.Generator,
    shape: tuple[int, int, int],
    spacing_mm: tuple[float, float, float],
    magnitude_mm: float,
    body: np.ndarray | None = None,
) -> np.ndarray:
    """Random smooth displacement field.

    Args:
        rng: source of the field; the field is the same on every grid with the same middle.
        shape: (z, y, x).
        spacing_mm: (row, column, slice).
        magnitude_mm: root mean square length of the displacement vectors inside `body`.
        body: boolean (z, y, x); the whole grid when None.

    Returns:
        float32 (3, z, y, x): displacement in mm along z, y and x. `deform` fetches a voxel from its place plus this.
    """
    high = np.array(_REFERENCE_HALF_MM)
    # The field is smooth: it is built on a mesh of 8 mm and interpolated.
    axes = [np.arange(-half, half + 1, _MESH_MM) for half in _REFERENCE_HALF_MM[::-1]]
    mesh = np.empty((3, *(len(axis) for axis in axes)), np.float32)
    for component, (posture_mm, organ_mm) in enumerate(((0.9, 0.45), (1.0, 0.6), (1.0, 0.6))):
        posture = SmoothField(rng, -high, high, 95.0).sample(*axes)
        organ = SmoothField(rng, -high, high, 34.0).sample(*axes)
        mesh[component] = posture_mm * posture + organ_mm * organ
    # Breathing moves organs along z and the front wall along y.
    depth, sign = float(rng.uniform(0.4, 1.5)), float(rng.choice((-1.0, 1.0)))
    breath = np.clip(1 + 0.35 * SmoothField(rng, -high, high, 120.0).sample(*axes), 0, 2)
    mesh[0] += sign * depth * breath
    mesh[1] += sign * 0.45 * depth * breath * np.clip(-axes[1] / 90, -0.2, 1).astype(np.float32)[None, :, None]
    if magnitude_mm == 0:
        return np.zeros((3, *shape), np.float32)
    steps = (spacing_mm[2], spacing_mm[0], spacing_mm[1])
    places = [
        ((np.arange(n) - (n - 1) / 2) * step - axis[0]) / _MESH_MM
        for n, step, axis in zip(shape, steps, axes, strict=True)
    ]
    field = np.stack([linear_zoom(component, places) for component in mesh])
    square = np.einsum("czyx,czyx->zyx", field, field)
    rms = float(np.sqrt(square.mean() if body is None else np.average(square, weights=body)))
    field *= np.float32(magnitude_mm / rms)
    return field


def deform(volume: np.ndarray, displacement_mm: np.ndarray, spacing_mm: tuple[float, float, float]) -> np.ndarray:
    """Fetch each voxel from its place plus the displacement, linearly; the border value continues outside.

    Args:
        volume: (z, y, x), float or integer.
        displacement_mm: (3, z, y, x), see `random_displacement_mm`.
        spacing_mm: (row, column, slice).

    Raises:
        ValueError: if the shapes do not fit.
    """
    if displacement_mm.shape != (3, *volume.shape):
        raise ValueError(f"displacement of shape {displacement_mm.shape} does not fit a volume of shape {volume.shape}")
    image = sitk.GetImageFromArray(volume)
    image.SetSpacing((spacing_mm[1], spacing_mm[0], spacing_mm[2]))
    vectors = np.ascontiguousarray(np.moveaxis(displacement_mm[::-1], 0, -1), dtype=np.float64)  # (z, y, x, [x, y, z])
    field = sitk.GetImageFromArray(vectors, isVector=True)
    field.SetSpacing(image.GetSpacing())
    extrapolated = sitk.Resample(
        image, image, sitk.DisplacementFieldTransform(field), sitk.sitkLinear, 0.0, image.GetPixelID(), True
    )
    return sitk.GetArrayFromImage(extrapolated)
