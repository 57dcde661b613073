from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
import torch

from scripts.hu_window import HUWindow
from scripts.organs import ANY_ORGAN, Organ, bits
from scripts.views.context_views import ContextViews, LabelledScan, labelled_scan
from scripts.views.placement import RandomDeformation
from scripts.views.scanner import Scanner

HU_RANGE = (-2000.0, 2095.0)
CPU = torch.device("cpu")
STRAIGHT = RandomDeformation(rotation_rad=(0, 0, 0), scale=0, stretch=0, elastic_mm=0)
SAME = Scanner(0, 0, 0, 0, 0, 0, 0, 0)
BONE, MUSCLE = bits({Organ.BONE}), bits({Organ.MUSCLE})


def views(size=(6, 16, 16), seed=0, **settings) -> ContextViews:
    return ContextViews(size, (3.0, 3.0, 3.0), 2, HU_RANGE, CPU, STRAIGHT, SAME, seed, **settings)


@pytest.fixture
def scan() -> LabelledScan:
    """Muscle of 50 HU in front of bone of 800 HU."""
    ncct_hu = torch.full((1, 20, 30, 30), 50.0)
    possible = torch.full((1, 20, 30, 30), float(MUSCLE))
    ncct_hu[:, :, 15:], possible[:, :, 15:] = 800, BONE
    return LabelledScan(ncct_hu, possible, (3.0, 3.0, 3.0))


def test_a_batch_has_an_image_and_a_mask_of_each_view(scan):
    stream = views()
    stream.scans.append(scan)
    batch = next(iter(stream))
    assert batch["image"].shape == batch["label"].shape == (2, 1, 6, 16, 16)
    assert batch["label"].dtype == torch.int32


@pytest.mark.parametrize("seed", range(4))
def test_the_mask_belongs_to_what_the_image_shows(scan, seed):
    image, possible = views(seed=seed).view(scan)
    hu = HUWindow(HU_RANGE).to_hu(image)
    assert (hu[possible == BONE] > 420).all()
    assert (hu[possible == MUSCLE] < 430).all()
    assert {BONE, MUSCLE} <= set(possible.unique().tolist())


def test_a_scan_without_noise_gets_the_least_noise(scan):
    noisy = Scanner(0, 0, 0, 6, 0, 0, 0, 0)
    spread = []
    for noise_free in (True, False):
        stream = ContextViews((6, 16, 16), (3.0, 3.0, 3.0), 2, HU_RANGE, CPU, STRAIGHT, noisy)
        image, possible = stream.view(replace(scan, noise_free=noise_free))
        spread.append(float(HUWindow(HU_RANGE).to_hu(image)[possible == MUSCLE].std()))
    assert spread[0] > spread[1] + 3


def test_outside_the_scan_nothing_is_taught(scan):
    _, possible = views(size=(6, 60, 60)).view(scan)
    assert (possible[0, :, 0] == ANY_ORGAN).all()


def test_outside_the_slices_there_is_air(scan):
    image, _ = views(size=(6, 60, 60)).view(scan)
    assert HUWindow(HU_RANGE).to_hu(image)[0, 3, 0, 0].item() == pytest.approx(-1024, abs=1)


def test_a_scan_of_no_weight_is_never_shown(scan):
    stream = views()
    hidden = replace(scan, ncct_hu=torch.full_like(scan.ncct_hu, 2000.0), weight=0.0)
    stream.scans += [hidden, scan]
    assert all(batch["image"].max() < HUWindow(HU_RANGE).to_norm(900) for batch in islice(stream, 5))


def test_a_scan_may_be_added_while_the_stream_runs(scan):
    stream = views()
    stream.scans.append(replace(scan, weight=0.001))
    batches = iter(stream)
    next(batches)
    stream.scans.append(replace(scan, ncct_hu=torch.full_like(scan.ncct_hu, 2000.0), weight=1000.0))
    assert next(batches)["image"].max() > HUWindow(HU_RANGE).to_norm(1900)


def test_the_same_seed_draws_the_same_views(scan):
    first, second = (views(seed=3).view(scan)[0] for _ in range(2))
    assert torch.equal(first, second)


@pytest.mark.parametrize("seed", range(6))
def test_a_scan_of_one_slice_can_be_seen(scan, seed):
    thin = replace(scan, ncct_hu=scan.ncct_hu[:, :1], possible=scan.possible[:, :1])
    assert views(seed=seed).view(thin)[0].isfinite().all()


def test_fine_pixels_are_averaged_over_blocks():
    ncct_hu = np.arange(32, dtype=np.int16).reshape(2, 4, 4)
    scan = labelled_scan(ncct_hu, np.ones((2, 4, 4), np.uint16), (1.25, 0.67, 0.67), 1.0, CPU)
    assert scan.ncct_hu[0, 0].tolist() == [[2.5, 4.5], [10.5, 12.5]]
    assert scan.spacing_mm == (1.25, 1.34, 1.34)


def test_blocks_keep_scan_and_masks_of_odd_sides_together():
    scan = labelled_scan(np.zeros((2, 9, 7), np.int16), np.ones((2, 9, 7), np.uint16), (1.25, 0.67, 0.67), 1.0, CPU)
    assert scan.ncct_hu.shape == scan.possible.shape == (1, 2, 4, 3)


def test_coarse_pixels_stay_as_they_are():
    ncct_hu = np.arange(16, dtype=np.int16).reshape(1, 4, 4)
    scan = labelled_scan(ncct_hu, np.ones((1, 4, 4), np.uint16), (2.0, 1.2, 1.2), 1.0, CPU)
    assert torch.equal(scan.ncct_hu[0], torch.from_numpy(ncct_hu).float())


@pytest.mark.parametrize("seed", range(6))
def test_a_short_part_of_a_scan_is_as_short_as_asked_for(scan, seed):
    short = replace(scan, ncct_hu=scan.ncct_hu[:, :8], possible=scan.possible[:, :8])  # 24 mm
    _, possible = views(size=(20, 16, 16), seed=seed, whole_share=0.0, shortest_mm=18.0).view(short)
    taught = (possible != ANY_ORGAN).flatten(2).any(-1).sum().item()
    assert 5 <= taught <= 8
