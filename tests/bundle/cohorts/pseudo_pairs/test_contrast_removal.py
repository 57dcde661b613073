"""What `remove_contrast` makes of the synthetic CTA."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from cohorts.pseudo_pairs.component_masks import component_masks
from cohorts.pseudo_pairs.contrast_removal import mixing_hu, remove_contrast
from cohorts.pseudo_pairs.label_map import body_mask
from cohorts.pseudo_pairs.noise import Noise, synthesise_noise
from cohorts.pseudo_pairs.recipe import Component

from .conftest import BLOOD_HU, NOISE_HU, RADIUS_PX

pytestmark = pytest.mark.slow


def _fill(phantom, series=None, target_lumen_hu=350.0):
    series = series or phantom.series
    masks = component_masks(phantom.volume, body_mask(phantom.volume), series, Path())
    return remove_contrast(phantom.volume, series, masks, target_lumen_hu, 1.25, np.random.default_rng(1))


@pytest.fixture(scope="module")
def pair(phantom):
    return _fill(phantom)


def _profile(hu, phantom, sector):
    """Mean over a sector's voxels in rings of one pixel around the aorta's centre."""
    rings = np.arange(4, RADIUS_PX + 7)
    return np.array([hu[sector & (np.abs(phantom.radius_px - ring) < 0.5)].mean() for ring in rings])


def test_lumen_becomes_unenhanced_blood(pair, phantom):
    assert pair.ncct_hu[phantom.lumen & ~phantom.calcium].mean() == pytest.approx(BLOOD_HU, abs=1.5)


def test_lumen_gets_the_noise_of_the_scan(pair, phantom):
    assert pair.ncct_hu[phantom.lumen].std() == pytest.approx(NOISE_HU, rel=0.15)


def test_bone_is_untouched(pair, phantom):
    assert np.array_equal(pair.ncct_hu[phantom.bone], phantom.volume.hu[phantom.bone])


def test_tissue_far_from_blood_is_untouched(pair, phantom):
    assert np.array_equal(pair.ncct_hu[phantom.tissue], phantom.volume.hu[phantom.tissue])


def test_calcium_in_the_wall_stays(pair, phantom):
    inside = ndimage.binary_erosion(phantom.calcium, np.ones((1, 3, 3)))
    assert pair.ncct_hu[inside].mean() == pytest.approx(phantom.volume.hu[inside].mean(), abs=40)


def test_no_ring_towards_tissue(pair, phantom):
    sector = (np.abs(phantom.angle_deg) > 60) & (np.abs(phantom.angle_deg) < 140) & ~phantom.bone
    profile = _profile(pair.ncct_hu, phantom, sector)
    assert profile.min() > BLOOD_HU - 5
    assert profile.max() < 50 + 5


def test_no_ring_towards_lung(pair, phantom):
    profile = _profile(pair.ncct_hu, phantom, np.abs(phantom.angle_deg) < 15)
    assert profile.max() < BLOOD_HU + 6
    assert np.all(np.diff(profile) < 8)


def test_wall_towards_lung_is_the_one_of_an_unenhanced_scan(pair, phantom):
    sector = np.abs(phantom.angle_deg) < 15
    error_hu = _profile(pair.ncct_hu, phantom, sector) - _profile(phantom.unenhanced_hu, phantom, sector)
    assert np.abs(error_hu).max() < 30  # of a step of 890 HU


def test_lumen_is_raised_to_the_target(pair, phantom):
    inside = phantom.lumen & (phantom.radius_px < RADIUS_PX - 6)
    assert pair.cta_aligned_hu[inside].mean() == pytest.approx(350, abs=8)


def test_without_target_the_level_of_the_scan_is_kept(phantom):
    aligned_hu = _fill(phantom, target_lumen_hu=None).cta_aligned_hu
    inside = phantom.lumen & (phantom.radius_px < RADIUS_PX - 6)
    assert aligned_hu[inside].mean() == pytest.approx(300, abs=8)


def test_gain_does_not_amplify_noise(pair, phantom):
    inside = phantom.lumen & (phantom.radius_px < RADIUS_PX - 6)
    assert pair.cta_aligned_hu[inside].std() < 1.3 * NOISE_HU


def test_organ_keeps_its_texture(phantom):
    liver = Component("liver", "organ", box_mm=((20, 36), (55, 85), (0, 15)), masks=(), threshold_hu=100)
    organ = np.zeros(phantom.volume.hu.shape, bool)
    organ[:, 90:120, 45:75] = True
    masks = [np.zeros_like(organ), np.zeros_like(organ), organ]
    masks[0] = component_masks(phantom.volume, body_mask(phantom.volume), phantom.series, Path())[0] & ~organ
    series = replace(phantom.series, components=(*phantom.series.components, liver))
    ncct_hu = remove_contrast(phantom.volume, series, masks, 350.0, 1.25, np.random.default_rng(1)).ncct_hu
    inside = np.zeros_like(organ)
    inside[2:10, 100:112, 55:65] = True
    lowered = phantom.volume.hu[inside] - ncct_hu[inside]
    assert lowered.mean() > 100
    assert lowered.std() < 1


def test_a_faintly_filled_lumen_does_not_become_grainy(phantom):
    grain_hu = ndimage.gaussian_filter(np.random.default_rng(5).standard_normal(phantom.volume.hu.shape), (0.6, 1, 1))
    hu = phantom.volume.hu + 20 * grain_hu / grain_hu.std()  # coarse grain, as of a soft kernel
    grainy = replace(phantom, volume=replace(phantom.volume, hu=hu.astype(np.float32)))
    made = _fill(grainy, target_lumen_hu=820.0)  # three times the scan's enhancement
    inside = phantom.lumen & (phantom.radius_px < RADIUS_PX - 6)
    assert made.cta_aligned_hu[inside].std() < 1.3 * made.ncct_hu[inside].std()


def test_noise_is_taken_off_the_enhancement_and_mixing_is_not():
    rng = np.random.default_rng(2)
    noise_hu, other_hu = (synthesise_noise(Noise(10.0, (0.6, 0.8, 0.8)), (10, 60, 60), rng) for _ in range(2))
    level_hu = np.full(noise_hu.shape, 300.0)
    step_hu = np.where(np.arange(60)[:, None] < 30, 40.0, -40.0)
    assert mixing_hu(level_hu + other_hu, level_hu, noise_hu).std() < 1.5
    mixed_hu = mixing_hu(level_hu + step_hu + other_hu, level_hu, noise_hu)
    assert np.abs(mixed_hu - step_hu)[:, np.abs(np.arange(60) - 29.5) > 3].mean() < 8
