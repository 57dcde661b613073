"""Figures of agreement between uncertainty and error."""

import numpy as np
import pytest

from studies.uncertainty.agreement import Blocks, agreement, body_blocks, error_by_uncertainty


def blocks(error_hu, uncertainty_hu, enhancement_hu=None):
    error_hu = np.asarray(error_hu, dtype=float)
    enhancement_hu = np.full_like(error_hu, 100) if enhancement_hu is None else np.asarray(enhancement_hu)
    return Blocks(error_hu, np.asarray(uncertainty_hu, dtype=float), enhancement_hu)


def test_a_map_that_ranks_the_error_scores_one():
    figures = agreement(blocks(np.arange(20) ** 2, np.arange(20)))
    assert figures["rank correlation"] == pytest.approx(1)


def test_a_map_that_ranks_it_the_wrong_way_round_scores_minus_one():
    assert agreement(blocks(np.arange(20)[::-1], np.arange(20)))["rank correlation"] == pytest.approx(-1)


def test_a_map_without_contrast_has_no_rank():
    assert np.isnan(agreement(blocks(np.arange(20), np.ones(20)))["rank correlation"])


def test_only_enhanced_blocks_count_in_the_second_figure():
    enhancement_hu = [0] * 10 + [100] * 10
    uncertainty_hu = [*range(10), *range(10, 20)]
    error_hu = [*range(10), *range(20, 10, -1)]
    figures = agreement(blocks(error_hu, uncertainty_hu, enhancement_hu))
    assert figures["in enhanced blocks"] == pytest.approx(-1)
    assert figures["rank correlation"] > -1


def test_the_most_uncertain_tenth_holds_its_share_of_the_error():
    figures = agreement(blocks([1.0] * 18 + [41.0] * 2, np.arange(20)))
    assert figures["error of the most uncertain tenth, HU"] == pytest.approx(41)
    assert figures["its share of the error"] == pytest.approx(82 / 100)


def test_blocks_are_means_within_the_body_and_within_a_slice():
    shape = (16, 16, 2)
    truth_hu = np.zeros(shape)
    synthetic_hu = np.zeros(shape)
    synthetic_hu[:8, :8, 1] = 10
    synthetic_hu[:8, :4, 0] = -6
    body = np.zeros(shape, dtype=bool)
    body[:8] = True
    body[7, 8, 1] = False  # one voxel outside: the block does not count
    found = body_blocks(synthetic_hu, truth_hu, truth_hu, synthetic_hu + 1, body)
    assert sorted(found.error_hu) == [0, 3, 10]
    assert sorted(found.uncertainty_hu) == [-2, 1, 11]


def test_groups_are_ordered_by_uncertainty_over_all_patients():
    patients = [blocks([1, 3], [1, 3]), blocks([2, 4], [2, 4])]
    uncertainty_hu, error_hu = error_by_uncertainty(patients, bins=2)
    assert list(uncertainty_hu) == [1.5, 3.5]
    assert list(error_hu) == [1.5, 3.5]
