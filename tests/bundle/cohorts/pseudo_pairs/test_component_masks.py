"""Seeded region growing of the blood."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cohorts.pseudo_pairs.component_masks import component_masks, lung_vessels
from cohorts.pseudo_pairs.label_map import body_mask, label_map
from cohorts.pseudo_pairs.recipe import Component

from .conftest import RADIUS_PX, position_mm

pytestmark = pytest.mark.slow


def _masks(phantom, *components):
    series = replace(phantom.series, components=components or phantom.series.components)
    return component_masks(phantom.volume, body_mask(phantom.volume), series, Path())


def test_growing_finds_the_whole_lumen_and_no_bone(phantom):
    aorta, spine = _masks(phantom)
    assert aorta[phantom.lumen].all()
    assert not aorta[phantom.bone].any()
    assert not aorta[phantom.radius_px > RADIUS_PX + 3].any()
    assert not spine.any()


def test_growing_stays_in_its_box(phantom):
    box_mm = ((0, 200), (0, 70 * 0.67), (0, 100))
    (aorta,) = _masks(phantom, replace(phantom.series.components[0], box_mm=box_mm))
    assert aorta[:, :60].any()
    assert not aorta[:, 72:].any()


def test_seed_in_dark_tissue_is_refused(phantom):
    with pytest.raises(ValueError, match="at the seeds of 'aorta'"):
        _masks(phantom, Component("aorta", "artery", seeds_mm=(position_mm(30, 60, 6),)))


def test_seed_outside_the_series_is_refused(phantom):
    with pytest.raises(ValueError, match="outside the series"):
        _masks(phantom, Component("aorta", "artery", seeds_mm=((10.0, 10.0, 999.0),)))


def test_touching_structures_part_between_their_seeds(phantom):
    hu = phantom.volume.hu.copy()
    hu[:, 66:74, 30:60] = 300  # a bridge from the aorta to a second vessel
    hu[:, 55:85, 15:40] = 300
    joined = replace(phantom, volume=replace(phantom.volume, hu=hu))
    vein = Component("vein", "vein", seeds_mm=(position_mm(70, 27, 6),))
    aorta, vein_mask = _masks(joined, phantom.series.components[0], vein)
    assert aorta[:, 70, 68].all() and not aorta[:, 60:80, 20:30].any()
    assert vein_mask[:, 60:80, 20:30].all() and not vein_mask[phantom.radius_px < 8].any()


def test_vessels_in_the_lung_are_found_without_seeds(phantom):
    smooth = np.where(phantom.volume.hu > -500, 50.0, -850.0)
    smooth[:, 60:64, 100:104] = 250.0
    vessels = lung_vessels(smooth, body_mask(phantom.volume), 0.0, phantom.volume.spacing_mm)
    assert vessels[:, 60:64, 100:104].all()
    assert not vessels[phantom.bone].any()


def test_labels_tell_lumen_tissue_and_outside_apart(phantom):
    masks = _masks(phantom)
    body = body_mask(phantom.volume)
    labels = label_map(body, np.zeros_like(body), phantom.series.components, masks)
    assert np.all(labels[phantom.lumen] == 3)
    assert np.all(labels[phantom.tissue] == 1)
    assert np.all(labels[:, 0, 0] == 0)


def test_lung_belongs_to_the_body(phantom):
    assert body_mask(phantom.volume)[:, 70, 110].all()
