"""`--all`: every study on its own."""

import csv
import shutil

import numpy as np
import pydicom
import pytest

from app import all_studies
from app.cli import main
from tests.dicom_series import body_hu, setting, write_series

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path):
    """Three studies, the second of two series, the third contrast-enhanced; junk beside them."""
    root = tmp_path / "in"
    write_series(root / "a", study="1.2.3.4", series="1.2.3.4.5")
    write_series(root / "b", study="1.2.3.5", series="1.2.3.5.5", hu=body_hu(8))
    write_series(root / "b", study="1.2.3.5", series="1.2.3.5.6", hu=body_hu(12))
    write_series(root / "c", setting(ContrastBolusAgent="X"), study="1.2.3.6", series="1.2.3.6.5")
    (root / "junk").write_text("x" * 300)
    return root


def converted(output) -> dict[str, str]:
    """Study Instance UID of each result, by the name of its folder."""
    return {
        path.name: pydicom.dcmread(next((path / "syn-cta").iterdir())).StudyInstanceUID
        for path in output.iterdir()
        if path.is_dir()
    }


def test_each_study_has_its_folder_and_one_that_fails_stops_no_other(app, folder):
    run = app(folder, "--all")
    assert sorted(converted(run.output).values()) == ["1.2.3.4", "1.2.3.5"]
    (refusal,) = run.refusals
    assert (run.exit_code, refusal["exit_code"], refusal["reason"]) == (65, 65, "contrast")
    assert refusal["study"].startswith("study-")
    assert refusal["study"] not in converted(run.output)
    assert "2 of 3 studies converted" in run.log


def test_each_study_is_read_on_its_own(app, folder):
    output = app(folder, "--all").output
    slices = {uid: len(list((output / name / "syn-cta").iterdir())) for name, uid in converted(output).items()}
    assert slices == {"1.2.3.4": 10, "1.2.3.5": 12}


def test_names_are_safe_and_the_same_for_the_same_study(app, tmp_path, folder):
    first = converted(app(folder, "--all").output)
    shutil.rmtree(tmp_path / "place" / "out")
    shutil.rmtree(folder / "a")
    again = converted(app(folder, "--all").output)
    assert again.items() <= first.items()
    assert all(name.replace("-", "").isalnum() and "1.2.3" not in name for name in first)


def test_a_uid_that_looks_like_a_path_leads_nowhere(app, tmp_path):
    write_series(tmp_path / "in", setting(StudyInstanceUID="../../../etc"))
    run = app(tmp_path / "in", "--all")
    assert run.refusal == (65, "corrupt")
    assert run.refusals[0]["study"].replace("-", "").isalnum()


def test_results_that_are_there_already_are_told_study_by_study(app, folder):
    app(folder, "--all")
    run = app(folder, "--all")
    assert (run.exit_code, sorted(line["reason"] for line in run.refusals)) == (
        73,
        ["contrast", "output_exists", "output_exists"],
    )
    assert app(folder, "--all", "--overwrite").exit_code == 65


def test_all_converted_is_success(app, folder):
    shutil.rmtree(folder / "c")
    run = app(folder, "--all")
    assert (run.exit_code, run.refusals) == (0, [])


def test_a_damaged_file_spoils_the_study_beside_it_only(app, folder):
    shutil.rmtree(folder / "c")
    whole = next((folder / "a").iterdir())
    (folder / "a" / "cut-short.dcm").write_bytes(whole.read_bytes()[:150])
    run = app(folder, "--all")
    assert list(converted(run.output).values()) == ["1.2.3.5"]
    assert run.refusals[0]["reason"] == "corrupt"


def test_damaged_files_in_a_folder_of_their_own_stand_for_a_study(app, folder):
    (folder / "d").mkdir()
    whole = next((folder / "a").iterdir())
    (folder / "d" / "cut-short.dcm").write_bytes(whole.read_bytes()[:150])
    run = app(folder, "--all")
    assert sorted(converted(run.output).values()) == ["1.2.3.4", "1.2.3.5"]
    assert {line["reason"] for line in run.refusals} == {"corrupt", "contrast"}
    assert len({line["study"] for line in run.refusals}) == 2


def test_slices_without_a_study_uid_are_told_as_one(app, tmp_path, folder):
    write_series(folder / "d", setting(StudyInstanceUID=None), series="1.2.3.9.5")
    run = app(folder, "--all")
    assert sorted(converted(run.output).values()) == ["1.2.3.4", "1.2.3.5"]
    assert {line["reason"] for line in run.refusals} == {"corrupt", "contrast"}


def test_a_folder_without_a_study_is_no_input(app, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "notes").write_text("x")
    assert app(tmp_path / "in", "--all").refusal == (66, "no_ct_series")


def test_a_single_study_gives_the_same_pixels_as_without_the_option(app, tmp_path):
    folder = write_series(tmp_path / "in")
    single = app(folder)
    hu = single.source_hu
    shutil.rmtree(single.output)
    output = app(folder, "--all").output
    (study,) = (path for path in output.iterdir() if path.is_dir())
    written = sorted((study / "syn-cta").iterdir())
    assert np.array_equal([pydicom.dcmread(path).pixel_array - 1224.0 for path in written], hu)


def test_it_does_not_go_with_a_series():
    with pytest.raises(SystemExit) as usage:
        main(["-i", "x", "-o", "y", "--all", "--series-uid", "1.2"])
    assert usage.value.code == 2


def test_a_summary_lists_every_study_with_its_folder_and_reason(app, folder):
    run = app(folder, "--all")
    with (run.output / "summary.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["status"] for row in rows} == {"converted", "refused"}
    assert [row["reason"] for row in rows if row["status"] == "refused"] == [line["reason"] for line in run.refusals]
    assert all((folder / row["folder"]).is_dir() for row in rows)


def test_a_summary_that_cannot_be_written_stops_no_study(app, folder, tmp_path):
    (tmp_path / "place" / "out" / "summary.csv").mkdir(parents=True)
    run = app(folder, "--all")
    assert len(list(run.output.glob("study-*"))) == 2
    assert (run.exit_code, run.refusals[-1]["reason"]) == (73, "cannot_write")


def test_a_fault_of_the_machine_is_told_from_one_of_the_data(app, folder, monkeypatch):
    def out_of_memory(**_):
        raise MemoryError

    monkeypatch.setattr(all_studies, "run_opened", out_of_memory)
    run = app(folder, "--all")
    with (run.output / "summary.csv").open(newline="") as file:
        assert {(row["status"], row["reason"]) for row in csv.DictReader(file)} == {("failed", "out_of_memory")}
