"""What differs between patients is drawn once, as numbers that can be looked at; shapes follow from them alone."""

from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from cohorts.phantom.atlas.habitus import draw_habitus
from cohorts.phantom.organs.abdomen import draw_kidney
from cohorts.phantom.organs.disease import draw_aneurysm, draw_plaques, draw_site
from cohorts.phantom.organs.heart import draw_heart
from cohorts.phantom.organs.liver import draw_liver
from cohorts.phantom.organs.neck import draw_neck_organs
from cohorts.phantom.organs.oesophagus import draw_oesophagus
from cohorts.phantom.organs.vessels import draw_vessels

SEEDS = range(200)


def rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def habitus(region="abdomen", label="aneurysm", seed=1):
    return draw_habitus(rng(seed), region, label)


@pytest.mark.slow
def test_an_aortic_aneurysm_is_38_to_60_mm_wide():
    widths = [2 * (draw_aneurysm(habitus(), 10.0, rng(seed)).gain_mm + 10.0) * habitus().scale for seed in SEEDS]
    assert min(widths) >= 38 - 1e-9
    assert max(widths) <= 60 + 1e-9


@pytest.mark.slow
def test_an_aneurysm_keeps_thrombus_beside_its_lumen():
    assert max(draw_aneurysm(habitus(), 10.0, rng(seed)).lumen_share for seed in SEEDS) < 1


def test_the_disease_of_a_neck_sits_in_a_common_carotid():
    neck = habitus("neck")
    vessels = draw_vessels(neck, rng(2))
    found = {draw_site(neck, vessels, rng(seed)).vessel for seed in SEEDS}
    assert found == {"left common carotid", "right common carotid"}


def test_only_atherosclerosis_has_soft_plaque():
    def soft(label: str) -> bool:
        sick = habitus(label=label)
        lines = {"aorta": draw_vessels(sick, rng(2)).aorta}
        return any(plaque.is_soft for seed in range(20) for plaque in draw_plaques(sick, lines, rng(seed)))

    assert [label for label in ("healthy", "aneurysm", "dissection", "atherosclerosis") if soft(label)] == [
        "atherosclerosis"
    ]


@pytest.mark.slow
def test_the_wall_of_the_left_ventricle_is_8_to_12_mm():
    walls = [draw_heart(habitus("chest"), rng(seed)).wall_mm for seed in SEEDS]
    assert 8 < min(walls) < max(walls) < 12


@pytest.mark.slow
def test_behind_the_heart_the_oesophagus_lies_left_or_right_of_the_spine():
    def aside_mm(seed: int) -> float:
        chest = habitus("chest")
        line = draw_oesophagus(chest, rng(seed)).line
        x, _, z, _ = line[np.argmin(np.abs(line[:, 2] + 30))]
        return x - chest.spine(z)[0]

    assert 5 < np.std([aside_mm(seed) for seed in SEEDS]) < 8


def test_the_kidneys_lie_on_their_sides_of_the_spine():
    x = {side: draw_kidney(habitus(), side, rng(3)).centre_mm[0] for side in (-1, 1)}
    assert x[-1] < 0 < x[1]


@pytest.mark.slow
def test_veins_of_the_liver_grow_thinner():
    lines = [line for _, line in draw_liver(habitus(), rng(4)).branches]
    assert all(line[-1, 3] < line[0, 3] for line in lines)


def test_the_larynx_lies_in_the_neck():
    assert all(100 < draw_neck_organs(rng(seed)).larynx_mm < 140 for seed in SEEDS)


def test_what_was_drawn_does_not_change():
    with pytest.raises(FrozenInstanceError):
        draw_heart(habitus("chest"), rng(1)).wall_mm = 3
