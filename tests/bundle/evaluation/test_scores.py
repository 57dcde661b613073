import dataclasses
import math

import numpy as np
import pytest

from scripts.evaluation.measures import MEASURES
from scripts.evaluation.scores import score, vessel_means
from scripts.evaluation.truth import VesselZone, load_truth


@pytest.fixture(scope="module")
def truth(records):
    return load_truth(records[0], VesselZone())


@pytest.fixture(scope="module")
def perfect(truth):
    return score(truth.cta_hu, truth)


@pytest.fixture(scope="module")
def unchanged(truth):
    return score(truth.ncct_hu, truth)


def test_every_measure_is_scored(perfect):
    assert {measure.key for measure in MEASURES} == set(perfect)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("mae_hu", 0), ("ssim", 1), ("ms_ssim", 1), ("lumen_error_hu", 0), ("lumen_bias_hu", 0), ("vessel_error_hu", 0),
        ("enhancement_recovery", 1), ("vessel_dice", 1), ("vessel_dice_body", 1), ("cl_dice", 1),
        ("diameter_error_mm", 0), ("false_enhancement", 0),
    ],
)  # fmt: skip
def test_the_truth_itself_is_perfect(perfect, key, value):
    assert perfect[key] == pytest.approx(value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("vessel_dice", 0),
        ("vessel_dice_body", 0),
        ("cl_dice", 0),
        ("enhancement_recovery", 0),
        ("false_enhancement", 0),
    ],
)
def test_doing_nothing_shows_no_vessel(unchanged, key, value):
    assert unchanged[key] == value


def test_doing_nothing_misses_the_whole_diameter(unchanged):
    assert unchanged["diameter_error_mm"] == pytest.approx(2 * 10 * 0.67, abs=0.7)


def test_false_vessels_far_away_lower_the_dice_of_the_body_alone(truth):
    far_hu = truth.cta_hu.copy()
    far_hu[-30:-20, 40:60] = 350
    scores = score(far_hu, truth)
    assert scores["vessel_dice"] == 1
    assert scores["vessel_dice_body"] < 0.8
    assert scores["false_enhancement"] > 0.01


def test_a_pair_without_lumen_has_image_metrics_and_false_enhancement_alone(real_pair):
    truth = load_truth(real_pair, VesselZone())
    scores = score(truth.ncct_hu, truth)
    groups = {measure.key: measure.group for measure in MEASURES}
    undefined = {key for key, value in scores.items() if math.isnan(value)}
    # The CTA of these patients has no noise, and so nothing to compare a flicker with.
    expected = {key for key, group in groups.items() if group != "image"} - {"false_enhancement"} | {"z_consistency"}
    assert undefined == expected


def test_fewer_slices_than_the_window_of_ssim_leave_it_undefined(truth):
    thin = dataclasses.replace(
        truth,
        **{name: getattr(truth, name)[..., :5] for name in ("ncct_hu", "cta_hu", "structures", "vessels")},
    )
    assert math.isnan(score(thin.ncct_hu, thin)["ssim"])
    assert score(thin.ncct_hu, thin)["psnr_db"] > 0


def test_the_mean_of_every_vessel_is_told(truth):
    (vessel,) = vessel_means(truth.ncct_hu + 100, truth)
    assert vessel["cta_hu"] == 350
    assert vessel["synthetic_hu"] - vessel["ncct_hu"] == pytest.approx(100, abs=0.01)
    assert vessel["volume_ml"] == pytest.approx(truth.lumen.sum() * np.prod(truth.spacing_mm) / 1000)
