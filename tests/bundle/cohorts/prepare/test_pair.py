"""One pair: what is written, and that nothing stops a run."""

import errno
import json
import shutil
from dataclasses import replace

import nibabel
import numpy as np
import pytest

from cohorts.prepare import pair
from cohorts.prepare.candidates import Candidate, Scan
from cohorts.prepare.pair import make_case
from cohorts.prepare.reasons import Reason
from cohorts.prepare.settings import Checks, PairOptions
from prepare.sources import patient, save, save_series
from scripts.data import LoadSliced, slices

pytestmark = pytest.mark.slow

PAIR_OPTIONS = PairOptions(Checks(min_slices=8))


@pytest.fixture(scope="module")
def candidate(tmp_path_factory):
    source = tmp_path_factory.mktemp("source")
    save_series(source / "ncct", "ncct")
    save(source / "cta.nii.gz", patient().cta_hu)
    return Candidate("Doe^Jane", Scan(source / "ncct"), Scan(source / "cta.nii.gz"))


@pytest.fixture(scope="module")
def made(candidate, tmp_path_factory):
    out = tmp_path_factory.mktemp("out")
    return make_case("case-0001", candidate, out, PAIR_OPTIONS), out


def test_both_volumes_lie_on_one_lps_grid_at_the_working_spacing(made):
    volumes = [nibabel.load(made[1] / "case-0001" / name) for name in ("ncct.nii", "cta.nii")]
    for volume in volumes:
        assert nibabel.aff2axcodes(volume.affine) == ("L", "P", "S")
        np.testing.assert_allclose(volume.header.get_zooms(), (0.67, 0.67, 1.25), rtol=1e-5)
        assert volume.get_data_dtype() == np.int16
    np.testing.assert_array_equal(volumes[0].affine, volumes[1].affine)
    assert volumes[0].shape == volumes[1].shape


def test_voxels_keep_their_place_in_the_patient(made):
    affine = nibabel.load(made[1] / "case-0001" / "cta.nii").affine
    values = np.asarray(nibabel.load(made[1] / "case-0001" / "cta.nii").dataobj)
    source = nibabel.Nifti1Image(patient().cta_hu.T, save_affine())
    index = np.array([values.shape[0] // 2, values.shape[1] // 2, values.shape[2] // 2])
    nearest = np.rint(np.linalg.inv(source.affine) @ affine @ [*index, 1])[:3].astype(int)
    place = np.rint(np.linalg.inv(affine) @ source.affine @ [*nearest, 1])[:3].astype(int)
    assert abs(values[tuple(place)] - source.get_fdata()[tuple(nearest)]) < 40


def save_affine() -> np.ndarray:
    from cohorts.phantom.output.nifti import lps_affine

    return lps_affine(patient().cta_hu.shape, (5.0, 5.0, 4.0))


def test_training_reads_slices_of_it(made):
    case = made[1] / "case-0001"
    record = {"patient": "p", "cohort": "own"} | {key: str(case / f"{key}.nii") for key in ("ncct", "cta")}
    third = slices([record], (0.67, 0.67, 1.25))[3]
    assert LoadSliced("ncct", context_slices=1)(third)["ncct"].shape[0] == 3


def test_air_around_the_body_is_cropped(made):
    ncct = np.asarray(nibabel.load(made[1] / "case-0001" / "ncct.nii").dataobj)
    assert ncct.shape[1] * 0.67 < 0.9 * 400


def test_the_outcome_names_no_patient(made, candidate):
    stored = (made[1] / "case-0001" / "prepared.json").read_text()
    assert "Doe" not in stored
    assert str(candidate.cta.path.parent) not in stored


def test_region_and_figures_are_measured(made):
    assert made[0].region == "chest"
    assert made[0].figures["similarity"] > 0.9
    assert made[0].figures["slices"] == 29  # 36 mm at 1.25 mm


def test_a_pair_that_is_there_is_not_made_again(made, candidate, monkeypatch):
    monkeypatch.setattr(pair, "load_scan", None)  # any reading would fail
    assert make_case("case-0001", candidate, made[1], PAIR_OPTIONS) == made[0]


def test_another_setting_makes_it_again(made, candidate, monkeypatch):
    monkeypatch.setattr(pair, "load_scan", None)
    copy = shutil.copytree(made[1], made[1].with_name("copy"))
    changed = replace(PAIR_OPTIONS, crop_margin_mm=None)
    assert make_case("case-0001", candidate, copy, changed).reason == Reason.FAILED.value


def test_a_changed_source_is_made_again(made, candidate, tmp_path):
    moved = save(tmp_path / "cta.nii.gz", patient().cta_hu)
    key = pair._key(replace(candidate, cta=Scan(moved)), PAIR_OPTIONS)
    assert pair._stored(made[1] / "case-0001", key) is None


def test_any_error_becomes_a_reason(candidate, tmp_path, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("secret path")

    monkeypatch.setattr(pair, "compare", broken)
    outcome = make_case("case-0001", candidate, tmp_path, PAIR_OPTIONS)
    assert (outcome.reason, outcome.detail) == (Reason.FAILED.value, "ZeroDivisionError")


@pytest.mark.parametrize("fault", [OSError(errno.EIO, "the storage is offline"), MemoryError()])
def test_a_fault_that_may_pass_costs_no_pair_of_an_earlier_run(made, candidate, monkeypatch, fault):
    _, out = made
    files = sorted((out / "case-0001").iterdir())

    def broken(*_):
        raise fault

    monkeypatch.setattr(pair, "_key", lambda *_: "changed")
    monkeypatch.setattr(pair, "compare", broken)
    assert make_case("case-0001", candidate, out, PAIR_OPTIONS).reason is not None
    assert sorted((out / "case-0001").iterdir()) == files


def test_a_disk_that_is_nearly_full_is_noticed_before_writing(candidate, tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1000))
    assert make_case("case-0001", candidate, tmp_path, PAIR_OPTIONS).reason == Reason.NO_SPACE.value
    assert not (tmp_path / "case-0001").exists()


def test_a_disk_that_fills_up_while_writing_leaves_nothing(candidate, tmp_path, monkeypatch):
    write = pair.write_volume

    def full(path, *rest):
        if path.name == "cta.nii":
            raise OSError(errno.ENOSPC, "No space left on device")
        write(path, *rest)

    monkeypatch.setattr(pair, "write_volume", full)
    assert make_case("case-0001", candidate, tmp_path, PAIR_OPTIONS).reason == Reason.NO_SPACE.value
    assert list(tmp_path.rglob("*.nii")) == []


def test_slices_of_unlike_thickness_are_refused(candidate, tmp_path):
    thin = np.repeat(patient().cta_hu, 4, axis=0)
    affine = save_affine() @ np.diag([1, 1, 0.25, 1])
    cta = save(tmp_path / "cta.nii", thin, affine=affine)
    outcome = make_case("case-0001", replace(candidate, cta=Scan(cta)), tmp_path, PAIR_OPTIONS)
    assert (outcome.reason, outcome.detail) == (Reason.THICKNESS_DIFFERS.value, "4.00 mm and 1.00 mm")


def test_a_cta_with_a_mask_alone_becomes_a_pseudo_pair(tmp_path):
    cta = save(tmp_path / "cta.nii", patient().cta_hu)
    mask = save(tmp_path / "mask.nii", (patient().structures == 3).astype(np.uint8))
    pair_options = replace(PAIR_OPTIONS, misalignment_mm=0.0)
    outcome = make_case("case-0001", Candidate("x", cta=Scan(cta), masks=(mask,)), tmp_path, pair_options)
    assert set(outcome.volumes) == {"ncct", "cta", "cta_aligned", "structures"}
    ncct, structures = (nibabel.load(tmp_path / "case-0001" / f"{name}.nii") for name in ("ncct", "structures"))
    lumen = np.asarray(structures.dataobj) == 3
    assert np.median(np.asarray(ncct.dataobj)[lumen]) < 80


def test_a_mask_without_lumen_is_refused(tmp_path):
    cta = save(tmp_path / "cta.nii", patient().cta_hu)
    mask = save(tmp_path / "mask.nii", np.zeros_like(patient().structures))
    outcome = make_case("case-0001", Candidate("x", cta=Scan(cta), masks=(mask,)), tmp_path, PAIR_OPTIONS)
    assert outcome.reason == Reason.NO_MASK.value
    assert json.dumps(outcome.notes) == "[]"
