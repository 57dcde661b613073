"""Command line of the phantom package."""

import json

import pydicom
import pytest

from cohorts.phantom import __main__ as command_line
from cohorts.phantom.__main__ import main

pytestmark = pytest.mark.slow

TINY = ["--slices", "2", "--matrix", "32", "--spacing-mm", "12", "12", "10"]


def test_cohort_command_writes_a_datalist(tmp_path):
    counts = ["--training", "1", "--validation", "0", "--test", "0", "--workers", "1"]
    main(["cohort", "--out", str(tmp_path), *counts, *TINY])
    assert len(json.loads((tmp_path / "datalist.json").read_text())["training"]) == 1


@pytest.mark.parametrize("share", ["operated", "bulky"])
def test_the_shares_of_the_command_reach_the_patients(share, tmp_path):
    counts = ["--training", "1", "--validation", "0", "--test", "0", "--workers", "1"]
    main(["cohort", "--out", str(tmp_path), *counts, *TINY, f"--{share}-share", "0.25"])
    [stored] = tmp_path.glob("*/parameters.json")
    assert json.loads(stored.read_text())[f"{share}_share"] == 0.25


def test_dicom_command_writes_the_asked_phase(tmp_path):
    main(["dicom", "--out", str(tmp_path), "--seed", "7", "--region", "neck", "--phase", "cta", *TINY])
    files = sorted(tmp_path.glob("*.dcm"))
    assert len(files) == 2
    assert pydicom.dcmread(files[0]).BodyPartExamined == "NECK"


def test_sheet_command_draws_a_picture(tmp_path, monkeypatch):
    monkeypatch.setattr(command_line, "_SHEET", command_line._SHEET[::3])  # a patient of each region stands for all
    main(["sheet", "--out", str(tmp_path / "sheet.png"), *TINY])
    assert (tmp_path / "sheet.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("command", ["cohort", "dicom", "sheet"])
def test_help_explains_every_option(command, capsys):
    with pytest.raises(SystemExit):
        main([command, "--help"])
    assert "--misalignment-mm" in capsys.readouterr().out


def test_a_second_series_is_kept_out_of_a_used_folder(tmp_path, capsys):
    (tmp_path / "ncct-0001.dcm").touch()
    assert main(["dicom", "--out", str(tmp_path), *TINY]) == 1
    assert "is not empty" in capsys.readouterr().err
