"""The manifest of a cohort, and what counts as done."""

import json

import pytest

from app.cohort.done import is_done
from app.cohort.manifest import read_manifest
from app.cohort.one import run
from app.version import VERSION
from operators.bundle.digests import BundleDigests, digests_of
from operators.errors import ExitCode, Reason, Refusal
from tests.dicom_series import write_series
from tests.stand_in_bundle import write_stand_in_bundle

DIGESTS = BundleDigests("a" * 64, "b" * 64, "c" * 64)


def manifest(folder, *lines):
    (folder / "manifest.csv").write_text("\n".join(lines) + "\n")
    return folder / "manifest.csv"


def write_result(folder, **changed):
    content = {
        "status": "ok",
        "application": {"version": VERSION},
        "bundle": vars(DIGESTS),
        "written": {"syn_cta": 2, "uncertainty": 0, "companions": ["pdf_report"]},
    } | changed
    for name in ("syn-cta/0001.dcm", "syn-cta/0002.dcm", "companions/pdf-report.dcm"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("object")
    (folder / "result.json").write_text(json.dumps(content))


def test_paths_are_relative_to_the_manifest(tmp_path):
    first, second = read_manifest(manifest(tmp_path, "study,input,output,series_uid", "a,in/a,out/a,", "b,in/b,/x,1.2"))
    assert (first.input_folder, first.output_folder) == (tmp_path / "in/a", tmp_path / "out/a")
    assert (first.series_uid, second.series_uid, str(second.output_folder)) == (None, "1.2", "/x")


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (("study,input", "a,b"), "header"),
        (("study,input,output,mrn", "a,b,c,d"), "header"),
        (("study,input,output", "a,b,"), "Line 2"),
        (("study,input,output", "a,b,c", "a,b,d"), "Line 3"),
        (("study,input,output", "a,b,c", "b,b,c"), "Line 3"),
        (("study,input,output", "a,b,c", "b,b,x/../c"), "Line 3"),
        (("study,input,output", "a,b,c", "b,b,c/d"), "Line 3"),
        (("study,input,output", "a,b,c/d/e", "b,b,c"), "Line 3"),
        (("study,input,output", "a,b,c,d"), "Line 2"),
    ],
)
def test_a_wrong_manifest_is_refused_with_the_line(tmp_path, lines, words):
    with pytest.raises(Refusal, match=words) as refused:
        read_manifest(manifest(tmp_path, *lines))
    assert refused.value.reason is Reason.SETTINGS


def test_a_result_of_the_same_software_and_weights_is_done(tmp_path):
    write_result(tmp_path)
    assert is_done(tmp_path, DIGESTS)


@pytest.mark.parametrize(
    "changed",
    [
        {"status": "partial"},
        {"application": {"version": "0.0.0"}},
        {"bundle": vars(DIGESTS) | {"weights_sha256": "d" * 64}},
        {"bundle": vars(DIGESTS) | {"scripts_sha256": "d" * 64}},
        {"bundle": {}},
    ],
)
def test_a_result_of_anything_else_is_not_done(tmp_path, changed):
    write_result(tmp_path, **changed)
    assert not is_done(tmp_path, DIGESTS)


@pytest.mark.parametrize("name", ["syn-cta/0002.dcm", "companions/pdf-report.dcm"])
def test_a_result_without_one_of_its_objects_is_not_done(tmp_path, name):
    write_result(tmp_path)
    (tmp_path / name).unlink()
    assert not is_done(tmp_path, DIGESTS)


def test_a_result_with_an_empty_object_is_not_done(tmp_path):
    write_result(tmp_path)
    (tmp_path / "syn-cta" / "0001.dcm").write_text("")
    assert not is_done(tmp_path, DIGESTS)


@pytest.mark.parametrize("content", [None, "", "[]", "{"])
def test_no_result_or_half_of_one_is_not_done(tmp_path, content):
    if content is not None:
        (tmp_path / "result.json").write_text(content)
    assert not is_done(tmp_path, DIGESTS)


@pytest.mark.slow
def test_one_study_is_turned_and_then_skipped(tmp_path, capfd):
    bundle = write_stand_in_bundle(tmp_path / "bundle")
    write_series(tmp_path / "in" / "b")
    listed = manifest(tmp_path, "study,input,output", "a,in/a,out/a", "b,in/b,out/b")
    options = [str(listed), "--first", "1", "-m", str(bundle), "--device", "cpu"]
    assert run(options) == 0, capfd.readouterr().err
    assert is_done(tmp_path / "out" / "b", digests_of(bundle))
    made = (tmp_path / "out" / "b" / "result.json").stat().st_mtime_ns
    assert run(options) == 0
    assert (tmp_path / "out" / "b" / "result.json").stat().st_mtime_ns == made
    assert not (tmp_path / "out" / "a").exists()


def test_a_missing_bundle_is_a_fault_of_the_configuration(tmp_path, capfd):
    listed = manifest(tmp_path, "study,input,output", "a,in,out")
    assert run([str(listed), "-m", str(tmp_path / "secret")]) == ExitCode.CONFIGURATION
    told = json.loads(capfd.readouterr().err)
    assert told["reason"] == "bundle"
    assert "secret" not in told["message"]


def test_the_number_comes_from_kubernetes(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("JOB_COMPLETION_INDEX", "7")
    assert run([str(manifest(tmp_path, "study,input,output", "a,in,out"))]) == ExitCode.CONFIGURATION
    assert "no number 7" in capfd.readouterr().err
