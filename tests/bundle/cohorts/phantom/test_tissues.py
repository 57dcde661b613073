"""Attenuation of the tissues."""

import numpy as np
import pytest

from cohorts.phantom.atlas.tissues import ATTENUATION, Tissue, draw_attenuation


def test_every_tissue_has_its_attenuation():
    assert set(ATTENUATION) == set(Tissue)


@pytest.mark.slow
def test_arterial_level_is_350_hu_with_a_narrow_spread():
    levels = [draw_attenuation(np.random.default_rng(s))[Tissue.ARTERY].arterial_hu for s in range(300)]
    assert abs(np.mean(levels) - 350) < 5
    assert 12 < np.std(levels) < 24


def test_all_blood_pools_share_the_unenhanced_value():
    hu = draw_attenuation(np.random.default_rng(1))
    pools = (Tissue.ARTERY, Tissue.LEFT_HEART, Tissue.PULMONARY_ARTERY, Tissue.JUGULAR, Tissue.CAVA_INFERIOR)
    assert len({hu[t].unenhanced_hu for t in pools}) == 1


def test_tissues_without_contrast_uptake_keep_their_value():
    hu = draw_attenuation(np.random.default_rng(2))
    for tissue in (Tissue.FAT, Tissue.MUSCLE, Tissue.CORTEX, Tissue.LUNG, Tissue.THROMBUS, Tissue.CALCIUM):
        assert hu[tissue].arterial_hu == hu[tissue].unenhanced_hu


def test_usual_levels_change_nothing_but_the_level_of_contrast():
    drawn, usual = (draw_attenuation(np.random.default_rng(3), usual_levels) for usual_levels in (False, True))
    assert all(usual[t].unenhanced_hu == drawn[t].unenhanced_hu for t in Tissue)
    assert usual[Tissue.CALCIUM] == drawn[Tissue.CALCIUM]
    assert usual[Tissue.ARTERY].arterial_hu == 350 != drawn[Tissue.ARTERY].arterial_hu


def test_usual_levels_are_the_same_in_all_patients():
    levels = [draw_attenuation(np.random.default_rng(s), usual_levels=True) for s in (4, 5)]
    pools = (Tissue.LEFT_HEART, Tissue.RIGHT_HEART, Tissue.PULMONARY_ARTERY, Tissue.SPLEEN)
    assert [levels[0][t].arterial_hu for t in pools] == [levels[1][t].arterial_hu for t in pools]
