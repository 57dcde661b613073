"""Statistics reproduce what papers and reference programs published. Tables are rebuilt from published counts.

Abstractors: Gwet, Handbook of Inter-Rater Reliability, 2014. Diagnoses: Fleiss, Psychological Bulletin 1971;76:378.
Pathologists: Landis and Koch, Biometrics 1977;33:363, four categories as in Agresti, Categorical Data Analysis.
Vision: Stuart, Biometrika 1953;40:105 (women). Approval ratings: Agresti. Reader areas and covariances of Van Dyke's
spin-echo and cine MRI study (Acad Radiol 1993): as published with the program OR-DBM MRMC. Airways: Bentur et al. 2009
in Fagerland, Lydersen, Laake, Statistics in Medicine 2014;33:2850.
"""

import numpy as np
import pytest
from scipy.stats import t

from app.reading.statistics.agreement import agreement, fleiss, gwet, kappa_of, quadratic_weights
from app.reading.statistics.bootstrap import bca
from app.reading.statistics.obuchowski_rockette import (
    Covariances,
    auc_covariances,
    covariances,
    fixed_readers,
    random_readers,
)
from app.reading.statistics.paired import bhapkar, holm, mcnemar_test, stuart_maxwell
from app.reading.statistics.proportions import tango, tango_z, wilson

ABSTRACTORS = np.array([[13, 0, 0], [0, 20, 7], [0, 4, 56]])
PATHOLOGISTS = np.array([[22, 2, 2, 0], [5, 7, 14, 0], [0, 2, 36, 0], [0, 1, 17, 10]])
VISION = np.array([[1520, 266, 124, 66], [234, 1512, 432, 78], [117, 362, 1772, 205], [36, 82, 179, 492]])
APPROVAL = np.array([[794, 150], [86, 570]])
DIAGNOSES = """
00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031
00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006
"""
VAN_DYKE = np.array(
    [
        [0.91964573, 0.85877617, 0.90386473, 0.97310789, 0.82979066],
        [0.94782609, 0.90531401, 0.92173913, 0.99935588, 0.92995169],
    ]
)
VAN_DYKE_COVARIANCES = Covariances(0.00080229, 0.00034661, 0.00034407, 0.00023903)


def test_abstractors():
    measured = agreement(ABSTRACTORS, ordered=True)
    assert (measured.kappa, measured.kappa_se) == pytest.approx((0.7964, 0.0589), abs=5e-5)
    assert gwet(ABSTRACTORS, np.eye(3)) == pytest.approx(0.8493, abs=5e-5)
    assert measured.ac2 == pytest.approx(0.9402, abs=5e-5)


def test_fleiss_diagnoses():
    counts = np.array([[int(digit) for digit in subject] for subject in DIAGNOSES.split()])
    assert fleiss(counts) == pytest.approx(0.4302445, abs=5e-8)


def test_pathologists():
    measured = agreement(PATHOLOGISTS, ordered=False)
    assert (measured.kappa, measured.kappa_se) == pytest.approx((0.4930, 0.0567), abs=5e-5)


def test_vision_agreement():
    measured = agreement(VISION, ordered=True)
    assert (measured.kappa, measured.quadratic_kappa) == pytest.approx((0.5954, 0.7023), abs=5e-5)


def test_vision_margins():
    assert stuart_maxwell(VISION).statistic == pytest.approx(11.957, abs=5e-4)
    assert bhapkar(VISION).statistic == pytest.approx(11.976, abs=5e-4)


def test_approval_ratings():
    assert mcnemar_test(APPROVAL, exact=False).statistic == pytest.approx(17.356, abs=5e-4)
    assert mcnemar_test(APPROVAL, exact=False, correction=True).statistic == pytest.approx(16.818, abs=5e-4)


def test_van_dyke_with_random_readers():
    result = random_readers(VAN_DYKE, VAN_DYKE_COVARIANCES)
    assert result.means == pytest.approx((0.89704, 0.94084), abs=5e-6)
    assert (result.f, result.df, result.p) == pytest.approx((4.46, 15.26, 0.0517), abs=5e-3)
    assert result.p == pytest.approx(0.0517, abs=1e-4)


def test_airways_by_tango():
    assert tango(1, 7, 21) == pytest.approx((-0.286, -0.517, -0.026), abs=5e-4)


@pytest.mark.parametrize(("b", "c", "n"), [(0, 0, 40), (3, 0, 12), (0, 12, 12), (5, 9, 200)])
def test_tangos_interval_ends_where_its_statistic_is_196(b, c, n):
    found = tango(b, c, n)
    for bound, z in ((found.low, 1.959964), (found.high, -1.959964)):
        assert abs(bound) == 1 or tango_z(b, c, n, bound) == pytest.approx(z, abs=1e-5)


def test_skewed_scores_have_high_agreement_and_low_kappa():
    table = np.array([[1, 3, 0], [2, 3, 4], [0, 4, 83]])
    measured = agreement(table, ordered=True)
    assert measured.raw == pytest.approx(0.87) and measured.kappa < 0.5 and measured.ac2 > 0.9


def test_covariances_of_accuracy_are_those_of_means():
    right = (np.random.default_rng(3).random((2, 3, 80)) < 0.8).astype(float)
    matrix = np.cov(right.reshape(6, 80)) / 80
    found = covariances(right)
    assert found.variance == pytest.approx(np.trace(matrix) / 6)
    assert found.cov1 == pytest.approx(np.mean([matrix[i, i + 3] for i in range(3)]))


def test_the_area_of_one_curve_has_hanley_and_mcneils_components():
    diseased, healthy = np.array([[[3.0, 4, 5, 2]]]), np.array([[[1.0, 2, 3]]])
    areas, found = auc_covariances(diseased, healthy)
    assert areas[0, 0] == pytest.approx((2.5 + 3 + 3 + 1.5) / 12)
    assert found.variance == pytest.approx(
        np.var([2.5 / 3, 1, 1, 0.5], ddof=1) / 4 + np.var([1, 3.5 / 4, 2.5 / 4], ddof=1) / 3
    )


def test_fixed_readers_know_no_reader_variance():
    fixed = fixed_readers(VAN_DYKE, VAN_DYKE_COVARIANCES)
    variance = 2 / 5 * (0.00080229 - 0.00034661 + 4 * (0.00034407 - 0.00023903))
    assert fixed.high - fixed.low == pytest.approx(2 * 1.959964 * variance**0.5)


def test_quadratic_kappa_is_weighted_kappa():
    assert kappa_of(VISION, quadratic_weights(4)) == pytest.approx(agreement(VISION, ordered=True).quadratic_kappa)


def test_wilson():
    assert wilson(81, 263)[2:] == pytest.approx((0.3080, 0.2553, 0.3662), abs=5e-5)  # Newcombe 1998, table I


def test_holm():
    assert holm([0.01, 0.04, float("nan"), 0.03]) == pytest.approx([0.03, 0.06, float("nan"), 0.06], nan_ok=True)


def test_a_category_without_a_differing_pair_does_not_spoil_stuart_maxwell():
    """One patient fell from 3 to 1: two categories are left, in which the test is McNemar's, 1 of 1."""
    assert stuart_maxwell(np.array([[0, 0, 0], [0, 1, 0], [1, 0, 10]])).statistic == pytest.approx(1.0)


def test_readers_who_never_differ_get_no_interval():
    never = np.repeat(np.eye(3)[None], 4, axis=0)
    found = bca(never, lambda tables: np.trace(tables, axis1=-2, axis2=-1) / tables.sum(axis=(-2, -1)), seed=1)
    assert found.value == 1.0 and np.isnan([found.low, found.high]).all()


def test_the_bootstrap_interval_of_a_mean_of_few_is_about_students():
    values = np.random.default_rng(5).normal(size=8)
    found = bca(values, lambda sums: sums / 8, seed=1)
    student = t.ppf(0.975, 7) * values.std(ddof=1) / 8**0.5
    assert (found.high - found.low) / (2 * student) == pytest.approx(1, abs=0.12)
