"""The plain command."""

import json

import pytest

from cohorts.prepare import __main__ as command_line
from cohorts.prepare.__main__ import main
from prepare.sources import patient, save

pytestmark = pytest.mark.slow


def test_the_command_prints_where_the_datalist_is(tmp_path, capsys):
    save(tmp_path / "src" / "a_0000.nii", patient().ncct_hu)
    save(tmp_path / "src" / "a_0001.nii", patient().cta_hu)
    out = tmp_path / "out"
    options = ["--source", str(tmp_path / "src"), "--out", str(out), "--workers", "0", "--min-slices", "8"]
    assert main([*options, "--split", "training=1,validation=0", "--label", "healthy"]) == 0
    assert capsys.readouterr().out.strip() == str(out / "datalist.json")
    assert json.loads((out / "datalist.json").read_text())["training"][0]["label"] == "healthy"


def test_a_user_error_is_one_line(tmp_path, capsys):
    assert main(["--source", str(tmp_path / "absent"), "--out", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err.startswith("Error: No folder at")


@pytest.mark.parametrize("split", ["training=0.9,test=0.9", "training=-1"])
def test_a_split_that_makes_no_sense_is_refused(tmp_path, capsys, split):
    assert main(["--source", str(tmp_path), "--out", str(tmp_path) + "-out", "--split", split]) == 1
    assert "split" in capsys.readouterr().err


def test_patients_of_an_earlier_run_keep_their_split_unless_resplit_is_asked_for(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(command_line, "prepare", lambda *_, split_options, **__: asked.append(split_options.resplit))
    for options in ([], ["--resplit"]):
        assert main(["--source", str(tmp_path), "--out", str(tmp_path / "out"), *options]) == 0
    assert asked == [False, True]
