"""Painted pairs on disk."""

import json
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
import yaml

from cohorts.painted_pairs.__main__ import main
from cohorts.painted_pairs.cohort import read_recipe

CONFIGS = Path(__file__).parents[4] / "bundle" / "configs"
ENTRY = {"patient": "p", "series": "ncct.nii", "marks": "p.csv", "region": "chest", "label": "healthy"}
NAMES = ("ncct", "cta", "cta_aligned", "structures", "organs", "known")


def painted(folder: Path, x_mm: float = 30.0, **changes) -> int:
    """Run the command on a body of 50 HU with an aorta of 40 HU."""
    y, x = np.indices((12, 90, 90))[1:] * 0.67
    body = np.hypot(x - 30, y - 30) < 25
    hu = np.where(body, 50, -1000)
    hu[np.hypot(x - 30, y - 22) < 6] = 40
    image = sitk.GetImageFromArray(hu.astype(np.int16))
    image.SetSpacing((0.67, 0.67, 1.25))
    sitk.WriteImage(image, str(folder / "ncct.nii"))
    lines = [f"descending_aorta,{x_mm},22,{z_mm},6" for z_mm in (0, 6.25, 13.75)]
    (folder / "p.csv").write_text("\n".join(["structure,x_mm,y_mm,z_mm,radius_mm", *lines]))
    (folder / "recipe.yaml").write_text(yaml.safe_dump({"series": [ENTRY | {"split": "training"} | changes]}))
    return main(["--source", str(folder), "--out", str(folder / "out"), "--recipe", str(folder / "recipe.yaml")])


@pytest.fixture(scope="module")
def pair(tmp_path_factory) -> dict[str, np.ndarray]:
    folder = tmp_path_factory.mktemp("painted")
    assert painted(folder) == 0
    [entry] = json.loads((folder / "out" / "datalist.json").read_text())["training"]
    return {name: sitk.GetArrayFromImage(sitk.ReadImage(str(folder / "out" / entry[name]))) for name in NAMES}


def test_all_volumes_of_a_patient_are_listed_and_lie_on_one_grid(pair):
    assert len({volume.shape for volume in pair.values()}) == 1


def test_the_ncct_is_the_scan_as_it_is(pair):
    assert set(np.unique(pair["ncct"])) == {-1000, 40, 50}


def test_contrast_is_in_the_arterial_lumen_alone(pair):
    rise_hu, lumen = pair["cta"].astype(int) - pair["ncct"], pair["structures"] == 3
    assert rise_hu[lumen].mean() > 200
    assert np.abs(rise_hu[pair["structures"] == 0]).max() == 0


def test_a_series_that_is_missing_is_named(tmp_path, capsys):
    assert painted(tmp_path, series="elsewhere") == 1
    assert "elsewhere" in capsys.readouterr().err


def test_marks_of_another_scan_are_refused_and_nothing_is_written(tmp_path, capsys):
    assert painted(tmp_path, x_mm=-300.0) == 1
    assert "the marks belong to it" in capsys.readouterr().err
    assert not list((tmp_path / "out").iterdir())


def test_an_unknown_key_of_a_recipe_is_named(tmp_path):
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump({"series": [ENTRY | {"splitt": "training"}]}))
    with pytest.raises(ValueError, match="splitt"):
        read_recipe(tmp_path / "recipe.yaml")


def test_marks_of_the_shipped_recipe_are_there():
    assert all((CONFIGS / series.marks).is_file() for series in read_recipe(CONFIGS / "painted_pairs.yaml"))


def test_a_folder_with_another_cohort_is_left_alone(tmp_path, capsys):
    (tmp_path / "out").mkdir()
    other = '{"training": [{"patient": "someone"}]}'
    (tmp_path / "out" / "datalist.json").write_text(other)
    assert painted(tmp_path) == 1
    assert "holds other data (someone ...)" in capsys.readouterr().err
    assert (tmp_path / "out" / "datalist.json").read_text() == other
