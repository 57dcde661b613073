import nibabel
import numpy as np
import pytest

from scripts.evaluation.truth import VesselZone, distance_mm, load_truth
from scripts.structures import Structure

SPACING_MM = (0.67, 0.67, 1.25)


@pytest.fixture(scope="module")
def truth(records):
    return load_truth(records[0], VesselZone(margin_mm=4))


@pytest.fixture
def with_lumen(real_pair, records, tmp_path) -> dict:
    """A real pair with a label file: 7 is the vessel's left half, 9 its right half, 50 something else."""
    structures = nibabel.load(records[0]["structures"])
    values = np.asarray(structures.dataobj)
    lumen = np.where(values == 3, 7, np.where(values == 1, 50, 0)).astype(np.uint8)
    lumen[45:][lumen[45:] == 7] = 9
    nibabel.save(nibabel.Nifti1Image(lumen, structures.affine), tmp_path / "lumen.nii")
    return {**real_pair, "lumen": str(tmp_path / "lumen.nii")}


def test_volumes_are_cropped_to_the_body_with_room_for_ssim(truth):
    assert truth.ncct_hu.shape == (99 + 2 * 7, 79 + 2 * 7, 8)
    assert truth.crop(np.zeros((128, 128, 8))).shape == truth.ncct_hu.shape


def test_the_spacing_follows_the_axes(truth):
    assert truth.spacing_mm == pytest.approx(SPACING_MM)


def test_the_aligned_truth_is_taken_where_there_is_one(truth):
    assert truth.cta_hu[truth.lumen].min() == 350


def test_another_index_order_gives_the_same_truth(truth, records, tmp_path):
    turned = dict(records[0])
    for key in ("ncct", "cta", "cta_aligned", "structures"):
        turned[key] = str(tmp_path / f"{key}.nii")
        nibabel.save(nibabel.as_closest_canonical(nibabel.load(records[0][key])), turned[key])
    other = load_truth(turned, VesselZone())
    np.testing.assert_array_equal(other.ncct_hu, truth.ncct_hu)
    np.testing.assert_array_equal(other.structures, truth.structures)
    raw = np.asarray(nibabel.load(turned["ncct"]).dataobj)
    np.testing.assert_array_equal(other.crop(raw), truth.ncct_hu)


def test_vessels_are_compared_this_far_from_the_lumen(truth):
    distance = distance_mm(truth.lumen, SPACING_MM, 20)
    assert distance[truth.near_lumen].max() <= 4
    assert (distance[truth.body & ~truth.near_lumen] > 4).all()


def test_muscle_lies_beside_the_lumen_and_not_in_it(truth):
    assert truth.muscle.any()
    assert distance_mm(truth.lumen, SPACING_MM, 25)[truth.muscle].min() >= 3


def test_the_distance_is_exact_within_its_reach():
    mask = np.zeros((20, 20, 20), dtype=bool)
    mask[10, 10, 10] = True
    assert distance_mm(mask, SPACING_MM, 5)[10, 12, 11] == pytest.approx(np.hypot(2 * 0.67, 1.25))


def test_a_real_pair_has_a_body_and_no_lumen(real_pair, truth):
    pair = load_truth(real_pair, VesselZone())
    assert not pair.lumen.any()
    assert (pair.body != truth.body).sum() < 0.001 * truth.body.sum()


def test_what_the_real_cta_enhances_is_no_plain_tissue(real_pair):
    pair = load_truth(real_pair, VesselZone())
    assert (pair.structures[pair.cta_hu > 300] == Structure.OTHER_ENHANCING).all()
    assert (pair.structures == Structure.BODY).sum() > 0.5 * pair.body.sum()


def test_a_lumen_file_gives_the_vessels_by_their_labels(with_lumen, truth):
    pair = load_truth(with_lumen, VesselZone(), lumen_labels=[7, 9])
    np.testing.assert_array_equal(pair.lumen, truth.lumen)
    assert set(np.unique(pair.vessels)) == {0, 7, 9}


def test_labels_that_are_no_arteries_are_left_out(with_lumen, truth):
    pair = load_truth(with_lumen, VesselZone(), lumen_labels=[7])
    assert 0 < pair.lumen.sum() < truth.lumen.sum()


def test_a_volume_that_is_not_finite_is_refused_by_name(records, tmp_path):
    image = nibabel.load(records[0]["ncct"])
    broken = np.asarray(image.dataobj, dtype=np.float32)
    broken[3, 3, 3] = np.nan
    nibabel.save(nibabel.Nifti1Image(broken, image.affine), tmp_path / "broken.nii")
    with pytest.raises(ValueError, match=r"broken\.nii holds NaN or infinite values"):
        load_truth({**records[0], "ncct": str(tmp_path / "broken.nii")}, VesselZone())


def test_air_alone_is_refused(records, tmp_path):
    image = nibabel.load(records[0]["ncct"])
    nibabel.save(nibabel.Nifti1Image(np.full(image.shape, -1000, np.int16), image.affine), tmp_path / "air.nii")
    air = {"patient": "a", "ncct": str(tmp_path / "air.nii"), "cta": str(tmp_path / "air.nii")}
    with pytest.raises(ValueError, match="No body found"):
        load_truth(air, VesselZone())
