import numpy as np
import pytest

from cohorts.pseudo_pairs.organ_map import organ_map
from cohorts.pseudo_pairs.recipe import KINDS, Component
from scripts.organs import NO_BRIGHT_BLOOD, Organ, bits


def mask_of(*voxels: int) -> np.ndarray:
    mask = np.zeros((1, 1, 4), bool)
    mask[..., list(voxels)] = True
    return mask


NCCT_HU = np.array([[[40.0, 40.0, 40.0, -100.0]]])


def test_a_component_is_the_class_of_its_kind():
    assert organ_map(NCCT_HU, [Component("aorta", "artery")], [mask_of(1)])[0, 0, 1] == bits({Organ.ARTERY})


def test_the_recipe_may_name_another_class():
    kidney = Component("kidney", "myocardium", organ="parenchyma")
    assert organ_map(NCCT_HU, [kidney], [mask_of(1)])[0, 0, 1] == bits({Organ.PARENCHYMA})


def test_an_earlier_component_keeps_its_voxels():
    components = [Component("cava", "vein"), Component("aorta", "artery")]
    found = organ_map(NCCT_HU, components, [mask_of(0, 1), mask_of(1, 2)])[0, 0]
    assert found[:3].tolist() == [bits({Organ.VEIN}), bits({Organ.VEIN}), bits({Organ.ARTERY})]


def test_other_soft_tissue_is_no_bright_blood():
    assert organ_map(NCCT_HU, [Component("aorta", "artery")], [mask_of(1)])[0, 0, 0] == NO_BRIGHT_BLOOD


def test_fat_is_neither_vessel_nor_organ():
    assert organ_map(NCCT_HU, [Component("aorta", "artery")], [mask_of(1)])[0, 0, 3] == bits({Organ.OTHER})


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_class(kind):
    assert organ_map(NCCT_HU, [Component("any", kind)], [mask_of(1)])[0, 0, 1] > 0
