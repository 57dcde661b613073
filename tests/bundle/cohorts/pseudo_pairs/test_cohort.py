"""Pairs on disk: layout, geometry and the untouched source."""

import hashlib
import json
from dataclasses import replace

import numpy as np
import pytest
import SimpleITK as sitk

from cohorts.ct.reading import read_volume
from cohorts.pseudo_pairs.__main__ import main
from cohorts.pseudo_pairs.cohort import make_pair, write_cohort
from cohorts.pseudo_pairs.recipe import Component, Recipe, Series
from scripts.organs import Organ, bits

pytestmark = pytest.mark.slow

NAMES = ("ncct", "cta", "cta_aligned", "structures", "organs")


def _save(volume, path):
    image = sitk.GetImageFromArray(np.rint(volume.hu).astype(np.int16))
    image.SetSpacing(volume.spacing_mm[::-1])
    sitk.WriteImage(image, str(path))
    return image


@pytest.fixture(scope="module")
def cohort(phantom, tmp_path_factory):
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("out")
    _save(phantom.volume, source / "cta.nii")
    before = hashlib.sha256((source / "cta.nii").read_bytes()).hexdigest()
    write_cohort(source, out, Recipe(350.0, 0.0, 7, (phantom.series,)))
    return source, out, before


def test_source_is_unchanged(cohort):
    source, _, before = cohort
    assert [path.name for path in source.iterdir()] == ["cta.nii"]
    assert hashlib.sha256((source / "cta.nii").read_bytes()).hexdigest() == before


def test_datalist_names_files_that_exist(cohort):
    _, out, _ = cohort
    datalist = json.loads((out / "datalist.json").read_text())
    assert datalist["validation"] == datalist["test"] == []
    (entry,) = datalist["training"]
    assert all((out / entry[name]).is_file() for name in NAMES)


def test_volumes_share_one_lps_grid_and_type(cohort):
    _, out, _ = cohort
    images = {name: sitk.ReadImage(str(out / "synthetic" / f"{name}.nii")) for name in NAMES}
    assert len({(i.GetSize(), i.GetOrigin(), i.GetSpacing(), i.GetDirection()) for i in images.values()}) == 1
    assert images["ncct"].GetDirection() == (1, 0, 0, 0, 1, 0, 0, 0, 1)
    assert images["ncct"].GetSpacing() == pytest.approx((0.67, 0.67, 1.25))
    assert images["ncct"].GetPixelID() == sitk.sitkInt16
    assert images["structures"].GetPixelID() == sitk.sitkUInt8


def test_same_seed_gives_the_same_pair(cohort, tmp_path, phantom):
    source, out, _ = cohort
    write_cohort(source, tmp_path, Recipe(350.0, 0.0, 7, (phantom.series,)))
    assert (tmp_path / "synthetic/ncct.nii").read_bytes() == (out / "synthetic/ncct.nii").read_bytes()


def test_only_the_acquired_cta_is_misaligned(cohort, tmp_path, phantom):
    source, out, _ = cohort
    write_cohort(source, tmp_path, Recipe(350.0, 3.0, 7, (phantom.series,)))
    same = {
        name: (tmp_path / f"synthetic/{name}.nii").read_bytes() == (out / f"synthetic/{name}.nii").read_bytes()
        for name in NAMES
    }
    assert same == {"ncct": True, "cta": False, "cta_aligned": True, "structures": True, "organs": True}


def test_flipped_storage_is_read_by_its_direction(phantom, tmp_path):
    image = _save(phantom.volume, tmp_path / "straight.nii")
    sitk.WriteImage(sitk.Flip(image, (True, True, True)), str(tmp_path / "flipped.nii"))
    straight, flipped = read_volume(tmp_path / "straight.nii"), read_volume(tmp_path / "flipped.nii")
    assert flipped.origin_mm == pytest.approx(straight.origin_mm, abs=1e-3)
    assert np.abs(flipped.hu - straight.hu).max() < 0.5


def test_missing_series_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="No series at"):
        read_volume(tmp_path / "nothing")


def test_sheet_command_draws_a_picture(cohort, tmp_path):
    _, out, _ = cohort
    main(["sheet", "--data", str(out), "--out", str(tmp_path / "docs" / "sheet.png")])
    assert (tmp_path / "docs" / "sheet.png").stat().st_size > 10_000


def test_unstated_blood_level_is_drawn_for_the_patient(cohort, phantom):
    source, _, _ = cohort
    series = replace(phantom.series, blood_hu=None)
    means = []
    for seed in (1, 2):
        _, pair, labels, _ = make_pair(source, series, 350.0, np.random.default_rng(seed))
        means.append(float(np.median(pair.ncct_hu[labels == 3])))
    assert all(34 < mean < 46 for mean in means)
    assert abs(means[0] - means[1]) > 0.5


def test_rim_of_a_vessel_does_not_count_as_body(cohort):
    _, out, _ = cohort
    ncct_hu, aligned_hu, labels = (
        sitk.GetArrayFromImage(sitk.ReadImage(str(out / "synthetic" / f"{name}.nii")))
        for name in ("ncct", "cta_aligned", "structures")
    )
    assert (aligned_hu - ncct_hu)[labels == 1].max() <= 51  # 50 HU and the rounding of two volumes


def test_aorta_of_a_real_feet_first_series_is_set_back(shared_data):
    aorta = Component("aorta", "artery", seeds_mm=((0.0, 3.0, -224.0),))
    folder = "dicom_cta_pulmonary_RIDER-Pilot-0117"
    series = Series("rider", folder, "chest", "healthy", "training", (aorta,))
    volume, pair, labels, _ = make_pair(shared_data, series, 350.0, np.random.default_rng(0))
    lumen = labels == 3
    assert 190 < volume.hu[lumen].mean() < 260
    assert 30 < pair.ncct_hu[lumen].mean() < 50
    assert 290 < pair.cta_aligned_hu[lumen].mean() < 370


def test_a_folder_with_other_patients_is_refused(tmp_path, phantom):
    (tmp_path / "datalist.json").write_text('{"training": [{"patient": "somebody"}]}')
    with pytest.raises(FileExistsError, match="somebody"):
        write_cohort(tmp_path, tmp_path, Recipe(350.0, 0.0, 7, (phantom.series,)))
    assert "somebody" in (tmp_path / "datalist.json").read_text()


def test_classes_of_anatomy_are_stored_exactly(cohort):
    _, out, _ = cohort
    organs, labels = (
        sitk.GetArrayFromImage(sitk.ReadImage(str(out / "synthetic" / f"{name}.nii")))
        for name in ("organs", "structures")
    )
    assert set(np.unique(organs[labels == 3])) == {bits({Organ.ARTERY})}


def test_a_sharp_scan_is_smoothed_first_where_the_recipe_says_so(cohort, phantom):
    source, _, _ = cohort
    series = [replace(phantom.series, smooth_mm=mm) for mm in (0.0, 1.2)]
    scans_hu = [make_pair(source, one, 350.0, np.random.default_rng(1))[0].hu for one in series]
    sharp, smooth = (np.median(np.abs(np.diff(hu))) for hu in scans_hu)
    assert smooth < 0.5 * sharp


def failure(phantom, folder, volume=None, **changed):
    """What is said of a recipe that cannot be made."""
    _save(volume or phantom.volume, folder / "cta.nii")
    with pytest.raises(ValueError) as failed:
        write_cohort(folder, folder / "out", Recipe(350.0, 0.0, 7, (replace(phantom.series, **changed),)))
    return str(failed.value)


def test_a_scan_of_air_alone_is_named(phantom, tmp_path):
    air = replace(phantom.volume, hu=np.full_like(phantom.volume.hu, -1000.0))
    assert failure(phantom, tmp_path, air).startswith("synthetic: No body in the scan")


def test_slices_outside_the_scan_are_named(phantom, tmp_path):
    assert "slices_mm" in failure(phantom, tmp_path, slices_mm=(-90.0, -50.0))


def test_a_mask_without_enhancement_is_named(phantom, tmp_path):
    empty = replace(phantom.volume, hu=np.zeros_like(phantom.volume.hu))
    _save(empty, tmp_path / "mask.nii")
    aorta = Component("aorta", "artery", masks=("mask.nii",))
    assert "masks of 'aorta'" in failure(phantom, tmp_path, components=(aorta,))
