"""Contrast-filled blood set back to unenhanced blood, and the CTA's enhancement brought to the target level."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from cohorts.ct.reading import Volume
from cohorts.pseudo_pairs.morphology import bounding_box, erode
from cohorts.pseudo_pairs.noise import Noise, synthesise_noise
from cohorts.pseudo_pairs.partial_volume import LEVEL_WIDTH_VOXELS, lower_envelope, masked_mean, measure_partial_volume
from cohorts.pseudo_pairs.recipe import BLOOD_KINDS, REPLACED_KINDS, UNENHANCED_TISSUE_HU, Component, Series
from cohorts.pseudo_pairs.scan_noise import CORE_MM, scan_noise

CALCIUM_ABOVE_LEVEL_HU = 150.0

SMOOTH_ENHANCEMENT_VOXELS = (0.6, 1.2, 1.2)
"""Width of the filter that smooths the enhancement before its noise is separated."""

BROAD_WIDTH_VOXELS = (2.0, 4.0, 4.0)
"""Width over which the level of the blood is averaged where no wall is near."""

NOISE_VARIANCES = 2.0
"""A variance below this multiple of the noise's variance counts as noise."""

RIGHT_HEART_SHARE = (0.6, 0.9)
"""Level of venous blood and the right heart as a part of the arterial target: as found, within these limits."""


@dataclass(frozen=True)
class PseudoPair:
    """A pseudo-pair and what was measured on the way.

    Attributes:
        ncct_hu: (slices, rows, columns), unenhanced.
        cta_aligned_hu: the same anatomy, with contrast at the target level.
        level_hu: median of each component in the source, by name.
        noise: of the source, measured where it is quietest.
    """

    ncct_hu: np.ndarray
    cta_aligned_hu: np.ndarray
    level_hu: dict[str, float]
    noise: Noise


def _inside(mask: np.ndarray, spacing_mm: tuple[float, float, float]) -> np.ndarray:
    core = erode(mask, CORE_MM, spacing_mm)
    return core if core.sum() >= 200 else mask


def _union(series: Series, masks: list[np.ndarray], kinds: tuple[str, ...]) -> np.ndarray:
    chosen = [mask for component, mask in zip(series.components, masks, strict=True) if component.kind in kinds]
    return np.any(chosen, axis=0) if chosen else np.zeros_like(masks[0])


def _level(cta_hu: np.ndarray, component: Component, mask: np.ndarray, spacing_mm: tuple[float, float, float]) -> float:
    if component.kind == "lung_vessels":
        # most voxels of thin vessels are mixed with lung: only the brightest show what the blood has
        return float(np.percentile(cta_hu[mask], 90))
    return float(np.median(cta_hu[_inside(mask, spacing_mm)]))


def _unenhanced_hu(component: Component, blood_hu: float) -> float:
    if component.unenhanced_hu is not None:
        return component.unenhanced_hu
    return blood_hu if component.kind in BLOOD_KINDS else UNENHANCED_TISSUE_HU


def _blood_hu(series: Series) -> float:
    if series.blood_hu is None:
        raise ValueError(f"The HU of unenhanced blood of {series.patient!r} are not known: measure them first.")
    return series.blood_hu


def _lower_organs(
    cta_hu: np.ndarray, series: Series, masks: list[np.ndarray], level_hu: dict[str, float]
) -> tuple[np.ndarray, np.ndarray]:
    """Lower organs by a constant, so that they keep their own texture and noise.

    Returns:
        The scan with organs set back, and their enhancement in the written CTA; both (slices, rows, columns) in HU.
    """
    base_hu, enhancement_hu = cta_hu.copy(), np.zeros_like(cta_hu)
    for component, mask in zip(series.components, masks, strict=True):
        if component.kind == "organ" and mask.any():
            soft = ndimage.gaussian_filter(mask.astype(np.float32), (0.5, 1.0, 1.0))
            found, before = level_hu[component.name], _unenhanced_hu(component, _blood_hu(series))
            base_hu -= soft * (found - before)
            enhancement_hu += soft * ((found if component.enhanced_hu is None else component.enhanced_hu) - before)
    return base_hu, enhancement_hu


def _gain(component: Component, level: float, artery_level: float, blood_hu: float, target_hu: float | None) -> float:
    """Factor on the component's enhancement that brings it to its level in the written CTA."""
    if component.enhanced_hu is not None:
        aim = component.enhanced_hu
    elif target_hu is None or component.kind == "myocardium":
        return 1.0
    elif component.kind in ("artery", "left_heart"):
        aim = target_hu
    else:
        aim = target_hu * float(np.clip(level / artery_level, *RIGHT_HEART_SHARE))
    before = _unenhanced_hu(component, blood_hu)
    return (aim - before) / max(level - before, 20.0)


def mixing_hu(cta_hu: np.ndarray, lumen_hu: np.ndarray, noise_hu: np.ndarray) -> np.ndarray:
    """Differences from the level of the surrounding blood that are not noise: mixing, a flap, thrombus.

    Otherwise the gain would multiply the scan's noise, and the CTA of a faintly filled scan would be grainier than its
    NCCT. Local Wiener filter: where the difference varies no more than that of pure noise it is removed.

    Args:
        cta_hu: the scan, (slices, rows, columns).
        lumen_hu: level of the blood around.
        noise_hu: noise like the scan's, which shows how much of it the filters let through.
    """
    smooth_hu, level_hu = (
        ndimage.gaussian_filter(noise_hu, w) for w in (SMOOTH_ENHANCEMENT_VOXELS, BROAD_WIDTH_VOXELS)
    )
    noise_variance = NOISE_VARIANCES * float(np.var(smooth_hu - level_hu))
    difference_hu = ndimage.gaussian_filter(cta_hu, SMOOTH_ENHANCEMENT_VOXELS) - lumen_hu
    variance = ndimage.gaussian_filter(difference_hu**2, LEVEL_WIDTH_VOXELS)
    return difference_hu * np.clip(1 - noise_variance / np.maximum(variance, 1e-6), 0, 1)


def remove_contrast(
    volume: Volume,
    series: Series,
    masks: list[np.ndarray],
    target_lumen_hu: float | None,
    slice_mm: float,
    rng: np.random.Generator,
) -> PseudoPair:
    """Make the pseudo-NCCT and the aligned CTA.

    At the wall a voxel is taken as a mixture, cta = outside + f (lumen - outside); the same fraction f then mixes
    unenhanced blood in, so that the wall keeps its shape without a ring. Inside, where f = 1, blood gets new noise.

    Args:
        volume: the CTA.
        series: its recipe.
        masks: of `series.components`.
        target_lumen_hu: level of arterial blood in the result; None keeps the scan's.
        slice_mm: slice distance of the source, over which partial volume reaches.
        rng: for the noise.
    """
    spacing_mm = volume.spacing_mm
    level_hu = {
        component.name: _level(volume.hu, component, mask, spacing_mm)
        for component, mask in zip(series.components, masks, strict=True)
        if mask.any()
    }
    arteries = _inside(_union(series, masks, ("artery",)), spacing_mm)
    noise = scan_noise(volume, series, masks)
    artery_level = float(np.median(volume.hu[arteries]))

    box = bounding_box(np.any(masks, axis=0), (4, 12, 12))
    cta_hu, masks = volume.hu[box], [mask[box] for mask in masks]
    replaced = _union(series, masks, REPLACED_KINDS)
    base_hu, organ_hu = _lower_organs(cta_hu, series, masks, level_hu)

    per_component = np.zeros((4, *cta_hu.shape), np.float32)
    for component, mask in zip(series.components, masks, strict=True):
        if component.kind in REPLACED_KINDS and mask.any():
            level = level_hu[component.name]
            component_gain = _gain(component, level, artery_level, _blood_hu(series), target_lumen_hu)
            calcium = level + CALCIUM_ABOVE_LEVEL_HU if component.calcium_hu is None else component.calcium_hu
            values = (level, calcium, _unenhanced_hu(component, _blood_hu(series)), component_gain)
            for field, value in zip(per_component, values, strict=True):
                field[mask] = value
    found_hu, calcium_hu, before_hu, gain = (masked_mean(field, replaced) for field in per_component)

    slice_radius = round(slice_mm / spacing_mm[0])
    thin = _union(series, masks, ("lung_vessels",))
    envelope_hu = lower_envelope(cta_hu, slice_radius)
    partial_volume = measure_partial_volume(cta_hu, replaced, thin, found_hu, calcium_hu, envelope_hu, spacing_mm)
    outside_hu = np.minimum(lower_envelope(base_hu, slice_radius), partial_volume.outside_hu)

    mixed_hu = outside_hu + partial_volume.fraction * (before_hu - outside_hu)
    # noise that the mixing kept at the wall; the rest is new noise, so that the grain is the same everywhere
    retained = np.abs(before_hu - outside_hu) / np.maximum(partial_volume.lumen_hu - partial_volume.outside_hu, 40.0)
    retained = np.clip(retained, 0, 1) * (1 - partial_volume.inside)
    new_noise_hu = synthesise_noise(noise, cta_hu.shape, rng)
    grain_hu = new_noise_hu * np.sqrt(1 - retained**2)
    weight = partial_volume.weight * (1 - partial_volume.calcium)
    ncct_hu = base_hu + weight * (mixed_hu + grain_hu - base_hu)

    broad_hu = masked_mean(partial_volume.lumen_hu, replaced, BROAD_WIDTH_VOXELS)
    inside_hu = broad_hu + mixing_hu(np.minimum(cta_hu, calcium_hu), broad_hu, new_noise_hu)
    enhanced_hu = partial_volume.inside * inside_hu + (1 - partial_volume.inside) * partial_volume.lumen_hu
    enhancement_hu = partial_volume.fraction * gain * np.maximum(enhanced_hu - before_hu, 0)
    enhancement_hu += (1 - partial_volume.fraction) * organ_hu
    aligned_hu = ncct_hu + weight * enhancement_hu + (1 - weight) * organ_hu

    ncct, cta = volume.hu.copy(), volume.hu.copy()
    ncct[box], cta[box] = ncct_hu, aligned_hu
    return PseudoPair(ncct, cta, level_hu, noise)
