"""Classes of anatomy and the bit masks of what a voxel may be."""

import numpy as np

from scripts.organs import ANY_ORGAN, NO_BRIGHT_BLOOD, Organ, bits, possible


def test_a_class_that_is_named_twice_counts_once():
    assert bits([Organ.ARTERY, Organ.ARTERY]) == bits([Organ.ARTERY])


def test_a_known_voxel_may_be_its_class_alone():
    masks = possible(np.array([[Organ.OTHER, Organ.BONE]], np.uint8))
    assert masks.tolist() == [[bits({Organ.OTHER}), bits({Organ.BONE})]]


def test_tissue_beside_known_arteries_may_be_a_vein_but_no_artery():
    assert NO_BRIGHT_BLOOD & bits({Organ.VEIN})
    assert not NO_BRIGHT_BLOOD & bits({Organ.ARTERY})


def test_masks_of_all_classes_survive_the_volume_files():
    assert 0 < ANY_ORGAN <= 4095, "write_volume stores int16 and clips at 4095"
