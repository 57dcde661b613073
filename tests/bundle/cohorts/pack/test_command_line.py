import json
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from cohorts.pack import read_pack
from cohorts.pack.__main__ import main

VALUES = {"ncct": 40, "cta_aligned": 340, "organs": 2, "known": 1}


def cohort(folder: Path, *names: str) -> Path:
    """A datalist of one patient with some of his volumes, six slices of 1.25 mm."""
    for name in names:
        values = np.full((6, 64, 64), VALUES[name], np.int16)
        values[:, :32] += 20 * np.int16(name == "ncct") - 600 * np.int16(name == "cta_aligned")
        image = sitk.GetImageFromArray(values)
        image.SetSpacing((0.6, 0.7, 1.25))
        sitk.WriteImage(image, str(folder / f"{name}.nii"))
    record = {"patient": "p"} | {name: f"{name}.nii" for name in names}
    (folder / "datalist.json").write_text(json.dumps({"training": [record], "validation": [{"patient": "v"}]}))
    return folder / "datalist.json"


def pack(folder: Path, *names: str) -> int:
    return main(["--datalist", str(cohort(folder, *names)), "--out", str(folder / "packed")])


@pytest.fixture
def packed(tmp_path):
    assert pack(tmp_path, "ncct", "cta_aligned", "organs") == 0
    return read_pack(tmp_path / "packed" / "p.pack")


def test_every_second_slice_is_kept_and_said(packed):
    assert packed.ncct_hu.shape == (3, 64, 64)
    assert packed.spacing_mm == pytest.approx((2.5, 0.7, 0.6))


def test_contrast_only_adds(packed):
    assert packed.enhancement_hu[:, 40:].mean() == pytest.approx(300, abs=12)
    assert packed.enhancement_hu[:, :24].mean() == pytest.approx(0, abs=12)


def test_a_pair_that_says_nothing_else_is_wholly_known(packed):
    assert packed.known.all()


def test_patients_for_validation_are_not_packed(tmp_path):
    pack(tmp_path, "ncct", "cta_aligned", "organs", "known")
    assert [path.name for path in (tmp_path / "packed").iterdir()] == ["p.pack"]


def test_pairs_without_classes_of_anatomy_are_refused(tmp_path, capsys):
    assert pack(tmp_path, "ncct", "cta_aligned") == 1
    assert "p of" in (message := capsys.readouterr().err)
    assert "organs" in message
