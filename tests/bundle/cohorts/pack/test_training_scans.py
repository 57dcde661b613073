"""Packed patients and phantoms as the scans of a training."""

import numpy as np
import pytest
import torch

from cohorts.pack.patient_pack import PackedPatient
from cohorts.pack.training_scans import PhantomShare, add_labelled_scans, add_paired_scans
from cohorts.phantom.stream import StreamedPhantom
from scripts.context import WholeScanContext
from scripts.networks import ContextNetwork
from scripts.organs import CONTEXT_ORGANS
from scripts.views import ContextViews, GeneratorViews

HU_RANGE = (-2000.0, 2095.0)
CPU = torch.device("cpu")
SHAPE = (12, 24, 32)


@pytest.fixture
def packs() -> dict[str, PackedPatient]:
    ncct_hu = np.zeros(SHAPE, np.int16)
    pack = PackedPatient(ncct_hu, ncct_hu, np.ones(SHAPE, np.uint16), np.ones(SHAPE, bool), (2.5, 2.0, 2.0))
    return {"one": pack, "two": pack}


@pytest.fixture
def phantom() -> StreamedPhantom:
    ncct_hu = np.full(SHAPE, 40, np.int16)
    return StreamedPhantom(ncct_hu, ncct_hu, np.ones(SHAPE, np.uint16), (2.5, 2.0, 2.0))


def context_views() -> ContextViews:
    return ContextViews((8, 16, 16), (2.5, 2.0, 2.0), 1, HU_RANGE, CPU)


def generator_views() -> GeneratorViews:
    return GeneratorViews(1, (16, 16), (2.5, 2.0, 2.0), 1, HU_RANGE, CPU)


def test_all_patients_are_shown_whole(packs):
    views = context_views()
    add_labelled_scans(views, packs, {})
    assert [scan.ncct_hu.shape[1] for scan in views.scans] == [12, 12]


def test_of_named_patients_the_named_slices_alone_are_shown(packs):
    views = context_views()
    add_labelled_scans(views, packs, {}, {"two": (3, 8)})
    assert [scan.ncct_hu.shape[1] for scan in views.scans] == [5]


def test_phantoms_have_their_share(packs, phantom):
    views = context_views()
    add_labelled_scans(views, packs, {})
    take = PhantomShare(views, share=0.1)
    for _ in range(3):
        take(phantom)
    phantoms = sum(scan.weight for scan in views.scans[2:])
    assert phantoms / sum(scan.weight for scan in views.scans) == pytest.approx(0.1)


def test_phantoms_cannot_have_all_views_beside_real_scans(packs, phantom):
    views = context_views()
    add_labelled_scans(views, packs, {})
    with pytest.raises(ValueError, match="must be below 1 beside real scans, found 1"):
        PhantomShare(views, share=1)(phantom)


def test_the_context_network_is_told_that_a_phantom_has_no_noise(phantom):
    views = context_views()
    PhantomShare(views, share=0.5)(phantom)
    assert views.scans[0].noise_free


def test_phantoms_alone_are_shown_where_there_is_nothing_else(phantom):
    views = generator_views()
    PhantomShare(views, share=0.5)(phantom)
    assert views.scans[0].weight > 0


@pytest.fixture
def context() -> WholeScanContext:
    network = ContextNetwork((4, 4, 4), res_units=0).eval()
    return WholeScanContext(network, (2.0, 2.0, 2.5), HU_RANGE, least_size=(8, 16, 16))


def test_a_scan_brings_what_the_context_network_says_of_it(packs, context):
    views = generator_views()
    add_paired_scans(views, packs, {}, context)
    assert [scan.context.shape for scan in views.scans] == [(len(CONTEXT_ORGANS), *SHAPE)] * 2


def test_slabs_of_a_scan_are_as_long_as_they_should(packs):
    views = generator_views()
    add_paired_scans(views, packs, {}, slabs=5, slab_mm=(10.0, 20.0))
    slices = [scan.ncct_hu.shape[1] for scan in views.scans]
    assert slices[::6] == [12, 12]
    assert all(4 <= n <= 8 for n in slices[1:6] + slices[7:])


def test_a_scan_and_its_slabs_share_the_weight_of_the_patient(packs):
    views = generator_views()
    add_paired_scans(views, packs, {"one": 3.0}, slabs=2)
    assert sum(scan.weight for scan in views.scans[:3]) == pytest.approx(3)


def test_a_phantom_brings_what_the_context_network_says_of_it(phantom, context):
    views = generator_views()
    PhantomShare(views, share=0.5, context=context)(phantom)
    assert views.scans[0].context.shape == (len(CONTEXT_ORGANS), *SHAPE)
    assert 0 < views.scans[0].context.sum(dim=0).max() <= 1.01
