import numpy as np
import pytest

from cohorts.pack import PackedPatient, read_pack, write_pack


@pytest.fixture(scope="module")
def patient() -> PackedPatient:
    """Tissue with noise of 15 HU and a vessel."""
    rng = np.random.default_rng(0)
    shape = (3, 96, 80)
    vessel = np.hypot(np.indices(shape)[1] - 40, np.indices(shape)[2] - 40) < 15
    return PackedPatient(
        ncct_hu=(40 + 15 * rng.standard_normal(shape)).astype(np.int16),
        enhancement_hu=np.where(vessel, 300, 0).astype(np.int16),
        possible=rng.integers(1, 1024, shape).astype(np.uint16),
        known=rng.random(shape) > 0.3,
        spacing_mm=(2.5, 0.67, 0.67),
    )


@pytest.fixture(scope="module")
def unpacked(patient, tmp_path_factory) -> PackedPatient:
    path = tmp_path_factory.mktemp("pack") / "p.pack"
    write_pack(patient, path)
    return read_pack(path)


@pytest.mark.parametrize("name", ["possible", "known"])
def test_what_is_known_of_anatomy_is_kept_exactly(patient, unpacked, name):
    assert np.array_equal(getattr(unpacked, name), getattr(patient, name))


def test_spacing_is_kept(patient, unpacked):
    assert unpacked.spacing_mm == patient.spacing_mm


def test_the_scan_moves_by_less_than_its_noise(patient, unpacked):
    assert np.abs(unpacked.ncct_hu - patient.ncct_hu).mean() < 10


def test_the_scan_is_not_shifted(patient, unpacked):
    assert unpacked.ncct_hu.mean() == pytest.approx(patient.ncct_hu.mean(), abs=0.5)


def test_contrast_stays_in_its_vessel(patient, unpacked):
    vessel = patient.enhancement_hu > 0
    assert unpacked.enhancement_hu[vessel].mean() == pytest.approx(300, abs=12)
    assert unpacked.enhancement_hu[~vessel].mean() == pytest.approx(0, abs=6)


def test_slices_keep_their_order(patient, tmp_path):
    levels = np.broadcast_to(np.array([0, 500, 1000])[:, None, None], patient.ncct_hu.shape).astype(np.int16)
    write_pack(PackedPatient(levels, levels, patient.possible, patient.known, patient.spacing_mm), tmp_path / "p.pack")
    assert read_pack(tmp_path / "p.pack").ncct_hu.mean(axis=(1, 2)) == pytest.approx([0, 500, 1000], abs=5)


def test_equal_patients_give_equal_bytes(patient, tmp_path):
    for name in ("first", "second"):
        write_pack(patient, tmp_path / name)
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


def test_fewer_bits_make_a_smaller_file(patient, tmp_path):
    for bits in (0.5, 2.0):
        write_pack(patient, tmp_path / str(bits), bits)
    assert (tmp_path / "0.5").stat().st_size < (tmp_path / "2.0").stat().st_size - 1000
