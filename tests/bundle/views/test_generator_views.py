from dataclasses import replace

import pytest
import torch

from scripts.hu_window import HUWindow
from scripts.organs import CONTEXT_ORGANS, Organ, bits
from scripts.views import simulated_context
from scripts.views.generator_views import GeneratorViews, PairedScan

HU_RANGE = (-2000.0, 2095.0)
HU_PER_UNIT = HUWindow(HU_RANGE).hu_per_unit


def views(seed: int = 0, size: tuple[int, int] = (48, 60)) -> GeneratorViews:
    return GeneratorViews(1, size, (1.25, 1.0, 1.0), 2, HU_RANGE, torch.device("cpu"), seed=seed)


@pytest.fixture
def scan() -> PairedScan:
    """An artery of 40 HU that rises by 300 HU, in muscle of 60 HU; all of it is known."""
    shape = (1, 12, 120, 120)
    artery = torch.zeros(shape)
    artery[..., 40:80, 40:80] = 1
    possible = torch.where(artery > 0, bits({Organ.ARTERY}), bits({Organ.MUSCLE})).float()
    return PairedScan(60 - 20 * artery, 300 * artery, possible, torch.ones(shape), (1.25, 1.0, 1.0))


def test_a_batch_has_slices_and_map_and_three_labels(scan):
    stream = views()
    stream.scans.append(scan)
    batch = next(iter(stream))
    assert batch["image"].shape == (2, 3 + len(CONTEXT_ORGANS), 48, 60)
    assert batch["label"].shape == (2, 3, 48, 60)


def test_the_label_begins_with_the_middle_slice(scan):
    image, label = views().view(scan)
    assert torch.equal(image[1], label[0])


@pytest.mark.parametrize("seed", range(4))
def test_the_cta_of_a_label_is_its_ncct_and_the_enhancement(scan, seed):
    _, (ncct, cta, _) = views(seed).view(scan)
    rise_hu = (cta - ncct) * HU_PER_UNIT
    assert rise_hu.min() > -0.1
    assert rise_hu.max().item() == pytest.approx(300, abs=3)


@pytest.mark.parametrize("seed", range(4))
def test_the_map_is_lit_where_contrast_will_be(scan, seed, monkeypatch):
    monkeypatch.setattr(simulated_context, "FALSE_REGION_SHARE", 0)
    image, (ncct, cta, _) = views(seed).view(scan)
    rise_hu, artery = (cta - ncct) * HU_PER_UNIT, image[3 + CONTEXT_ORGANS.index(Organ.ARTERY)]
    assert artery[rise_hu > 295].mean() > 0.9
    assert artery[rise_hu < 5].mean() < 0.1


def test_outside_the_scan_nothing_is_known(scan):
    _, label = views(size=(160, 160)).view(scan)
    assert label[2, 0].max() == 0
    assert label[2].max() == 1


def test_what_is_not_known_of_a_scan_is_not_taught(scan):
    _, label = views().view(replace(scan, known=torch.zeros_like(scan.known)))
    assert label[2].max() == 0


@pytest.mark.slow
def test_what_the_context_network_says_is_shown_mostly_but_not_always(scan, monkeypatch):
    monkeypatch.setattr(simulated_context, "FALSE_REGION_SHARE", 0)
    asked = replace(scan, context=torch.full((len(CONTEXT_ORGANS), 4, 40, 40), 0.25))
    stream = views()
    shown = [bool((stream.view(asked)[0][3:] - 0.25).abs().max() < 1e-4) for _ in range(40)]
    assert 24 <= sum(shown) < 40


def test_a_map_on_coarser_voxels_covers_the_same_extent(scan, monkeypatch):
    monkeypatch.setattr(simulated_context, "FALSE_REGION_SHARE", 0)
    arteries = torch.nn.functional.interpolate(scan.enhancement_hu[None] / 300, (6, 40, 40), mode="area")[0]
    context = torch.cat((arteries, torch.zeros(len(CONTEXT_ORGANS) - 1, 6, 40, 40)))
    for seed in range(3):
        image, (ncct, cta, _) = views(seed).view(replace(scan, context=context))
        rise = (cta - ncct) * HU_PER_UNIT / 300
        assert (image[3] - rise).abs().mean() < 0.06


def test_a_phantom_without_noise_gets_some(scan):
    image, label = views().view(replace(scan, noise_free=True))
    inside = (label[1] - label[0]) * HU_PER_UNIT > 299
    assert (image[1][inside] * HU_PER_UNIT).std() > 2
