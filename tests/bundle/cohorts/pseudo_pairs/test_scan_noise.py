"""The noise that filled blood gets."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from cohorts.pseudo_pairs.component_masks import component_masks
from cohorts.pseudo_pairs.label_map import body_mask
from cohorts.pseudo_pairs.scan_noise import adjacent_tissue, scan_noise

from .conftest import NOISE_HU


@pytest.fixture(scope="module")
def masks(phantom):
    return component_masks(phantom.volume, body_mask(phantom.volume), phantom.series, Path())


def grainier(phantom, where):
    """The volume with noise of 30 HU more where the mask is."""
    more_hu = 30 * np.random.default_rng(4).standard_normal(phantom.volume.hu.shape)
    return replace(phantom.volume, hu=(phantom.volume.hu + where * more_hu).astype(np.float32))


@pytest.mark.slow
def test_blood_that_mixes_gets_the_noise_of_the_tissue_beside_it(phantom, masks):
    mixing = grainier(phantom, masks[0])
    assert scan_noise(mixing, phantom.series, masks).sd_hu == pytest.approx(NOISE_HU, rel=0.1)


def test_streaked_fat_beside_it_does_not_make_blood_grainy(phantom, masks):
    streaked = grainier(phantom, ~ndimage.binary_dilation(masks[0], iterations=2))
    assert scan_noise(streaked, phantom.series, masks).sd_hu == pytest.approx(NOISE_HU, rel=0.1)


def test_tissue_beside_blood_is_soft_and_clear_of_it(phantom, masks):
    beside = adjacent_tissue(phantom.volume, masks)
    assert beside.sum() > 10_000
    assert not (beside & ndimage.binary_dilation(masks[0], iterations=2)).any()
    assert phantom.unenhanced_hu[beside].min() > 0
    assert phantom.unenhanced_hu[beside].max() < 200


def test_a_scan_with_nothing_to_measure_names_the_patient(phantom, masks):
    bone = replace(phantom.volume, hu=np.full_like(phantom.volume.hu, 500))
    with pytest.raises(ValueError, match="synthetic: no component and no soft tissue"):
        scan_noise(bone, phantom.series, [np.zeros_like(mask) for mask in masks])
