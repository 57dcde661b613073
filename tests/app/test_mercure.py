"""mercure's calling convention: its variables, flat file names with task.json beside, results read at the top."""

import json
from pathlib import Path

import pytest

from app.cli import main
from app.mercure import lift_objects
from tests.dicom_series import write_series
from tests.stand_in_bundle import write_stand_in_bundle

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Output folder of a run as mercure starts it."""
    folder = tmp_path_factory.mktemp("mercure")
    source, output = folder / "in", folder / "out"
    for i, path in enumerate(sorted(write_series(folder / "received").iterdir())):
        source.mkdir(exist_ok=True)
        path.rename(source / f"1.2.3.4.5#1.2.3.4.5.{i}.dcm")
        (source / f"1.2.3.4.5#1.2.3.4.5.{i}.tags").write_text('{"Modality": "CT"}')
    (source / "task.json").write_text('{"id": "1"}')
    output.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("MERCURE", "MONAI", "HOLOSCAN"):
            ends = {"MERCURE": ("_IN_DIR", "_OUT_DIR"), "MONAI": ("_INPUTPATH", "_OUTPUTPATH")}
            for end, value in zip(ends.get(name, ("_INPUT_PATH", "_OUTPUT_PATH")), (source, output), strict=True):
                patch.setenv(name + end, str(value))
        bundle = write_stand_in_bundle(folder / "bundle")
        assert main(["-m", str(bundle), "--device", "cpu"]) == 0
    return output


def test_every_object_lies_at_the_top_where_mercure_sends_from(results):
    slices = [path for path in results.glob("*.dcm") if path.name.startswith("syn-cta_")]
    assert len(slices) == 10
    assert list(results.rglob("*.dcm")) == list(results.glob("*.dcm"))


def test_the_report_lies_where_mercure_reads_it(results):
    assert json.loads((results / "result.json").read_text())["status"] == "ok"


def test_lifting_keeps_objects_of_one_name_apart_and_leaves_no_empty_folder(tmp_path):
    for folder in ("syn-cta", "a/b"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "0001.dcm").write_text(folder)
    lift_objects(tmp_path)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "syn-cta_0001.dcm": "syn-cta",
        "a_b_0001.dcm": "a/b",
    }


def objects(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(name)
    return {path: path.read_text() for path in folder.rglob("*.dcm")}


def test_lifting_is_all_or_nothing(tmp_path, monkeypatch):
    before = objects(tmp_path, "syn-cta/0001.dcm", "syn-cta/0002.dcm")
    usual = Path.rename

    def fail_for_the_second(path, target):
        if path == tmp_path / "syn-cta" / "0002.dcm":
            raise OSError(28, "No space left on device")
        return usual(path, target)

    monkeypatch.setattr(Path, "rename", fail_for_the_second)
    with pytest.raises(OSError, match="No space left"):
        lift_objects(tmp_path)
    assert {path: path.read_text() for path in tmp_path.rglob("*.dcm")} == before


def test_lifting_replaces_no_object_by_another(tmp_path):
    before = objects(tmp_path, "syn-cta/0001.dcm", "syn-cta_0001.dcm")
    with pytest.raises(FileExistsError):
        lift_objects(tmp_path)
    assert {path: path.read_text() for path in tmp_path.rglob("*.dcm")} == before


def test_without_mercure_the_series_keeps_its_folder(tmp_path, monkeypatch):
    monkeypatch.delenv("MERCURE_OUT_DIR", raising=False)
    bundle = write_stand_in_bundle(tmp_path / "bundle")
    options = ["-m", str(bundle), "--device", "cpu"]
    assert main(["-i", str(write_series(tmp_path / "in")), "-o", str(tmp_path / "out"), *options]) == 0
    assert len(list((tmp_path / "out" / "syn-cta").glob("*.dcm"))) == 10
