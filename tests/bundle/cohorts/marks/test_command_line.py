"""Marks drawn on slices, by the command."""

from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from PIL import Image

from cohorts.marks.__main__ import main

MARKS = "structure,x_mm,y_mm,z_mm,radius_mm\naortic_arch,-10,5,-96,6\nnot_muscle,15,5,-96,4\nheart,0,0,-92,8\n"


@pytest.fixture
def scan(tmp_path) -> Path:
    """Muscle of 50 HU, 2 mm slices, with calcium of 600 HU where the arch is marked; stored from right to left."""
    z, y, x = np.indices((6, 80, 80))
    disc = (x * 1.0 - 40 + 10) ** 2 + (y * 1.0 - 40 - 5) ** 2 < 5**2
    image = sitk.GetImageFromArray(np.where(disc & (z == 2), 600, 50).astype(np.int16))
    image.SetSpacing((1.0, 1.0, 2.0))
    image.SetOrigin((-40.0, -40.0, -100.0))
    sitk.WriteImage(sitk.Flip(image, (True, False, False)), str(tmp_path / "ncct.nii"))
    return tmp_path / "ncct.nii"


def draw(scan: Path, marks: str) -> int:
    (scan.parent / "marks.csv").write_text(marks)
    files = ["--ncct", str(scan), "--marks", str(scan.parent / "marks.csv"), "--out", str(scan.parent / "pictures")]
    return main(["draw", *files])


def pixels(path: Path, red: bool, green: bool, blue: bool) -> np.ndarray:
    """Places (row, column) of one pure colour."""
    rgb = np.asarray(Image.open(path).convert("RGB")).astype(int)
    wanted = np.array([red, green, blue])
    return np.argwhere(np.where(wanted, rgb > 150, rgb < 90).all(axis=-1))


@pytest.mark.slow
def test_each_marked_level_gets_a_picture(scan):
    assert draw(scan, MARKS) == 0
    assert [p.name for p in sorted((scan.parent / "pictures").iterdir())] == ["001_z-96.0mm.png", "002_z-92.0mm.png"]


@pytest.mark.slow
def test_arteries_are_red_negatives_cyan_and_regions_yellow(scan):
    draw(scan, MARKS)
    lower, upper = sorted((scan.parent / "pictures").iterdir())
    assert len(pixels(lower, True, False, False)) > 20
    assert len(pixels(lower, False, True, True)) > 20
    assert len(pixels(upper, True, True, False)) > 20


@pytest.mark.slow
def test_a_circle_lies_where_its_millimetres_say(scan):
    draw(scan, MARKS)
    picture = sorted((scan.parent / "pictures").iterdir())[0]
    ring = pixels(picture, True, False, False)
    centre = (ring.max(axis=0) + ring.min(axis=0)) / 2
    rgb = np.asarray(Image.open(picture).convert("RGB"))
    rows, columns = ring.min(axis=0), ring.max(axis=0)
    inside = rgb[rows[0] : columns[0], rows[1] : columns[1]].min(axis=-1)
    disc = np.argwhere(inside > 240).mean(axis=0) + rows
    assert np.abs(disc - centre)[1] < 6, "the calcium is in the middle of its circle, 4 pixels a millimetre"


def test_marks_of_another_scan_are_refused(scan, capsys):
    assert draw(scan, MARKS.replace("-96", "-196")) == 1
    assert "outside the scan" in capsys.readouterr().err
    assert not (scan.parent / "pictures").exists()


def test_a_file_without_marks_is_refused(scan, capsys):
    assert draw(scan, MARKS.splitlines()[0]) == 1
    assert "no marks" in capsys.readouterr().err


def test_help_says_what_the_colours_mean(capsys):
    with pytest.raises(SystemExit):
        main(["draw", "--help"])
    assert "cyan" in capsys.readouterr().out
