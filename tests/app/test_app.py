"""The whole app on small series: what it writes, how it refuses, what it logs."""

import json
import logging
import os
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image

from app.cli import bundle_folder, main
from operators.errors import Reason, Refusal
from tests.dicom_series import IDENTIFYING, body_hu, on_slice, setting, write_series
from tests.inaccessible_folder import inaccessible_folder
from tests.stand_in_bundle import ADDED_HU, record_weights, write_stand_in_bundle

pytestmark = [pytest.mark.slow, pytest.mark.long]

ROOT = Path(__file__).resolve().parents[2]
LOADER, WRITER = "load DICOM", "write DICOM"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return write_stand_in_bundle(tmp_path_factory.mktemp("bundle") / "stand_in")


@pytest.fixture(autouse=True)
def _loggers_as_before():
    yield
    for name in ("app", "operators", "scripts"):
        ours = logging.getLogger(name)
        ours.handlers, ours.propagate = [], True


@pytest.fixture
def run(bundle, tmp_path, capfd):
    """Run the app in this process; gives exit code, output folder, stderr and its JSON line."""

    def run_app(input_folder, *options, output=tmp_path / "out"):
        code = main(["-i", str(input_folder), "-o", str(output), "-m", str(bundle), "--device", "cpu", *options])
        text = capfd.readouterr()
        lines = [line for line in text.err.splitlines() if line.startswith("{")]
        return code, output, text.out + text.err, json.loads(lines[-1]) if lines else None

    return run_app


def in_new_process(*command, **environment):
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
    )


# ---- success ----


def test_a_series_becomes_a_syn_cta_series_with_report_and_preview(run, tmp_path):
    code, output, _, refusal = run(write_series(tmp_path / "in"))
    assert (code, refusal) == (0, None)
    assert sorted(path.name for path in output.iterdir()) == [
        "companions",
        "preview.png",
        "result.html",
        "result.json",
        "syn-cta",
    ]
    files = sorted((output / "syn-cta").iterdir())
    assert len(files) == 10
    for file, hu in zip(files, body_hu(), strict=True):
        ds = pydicom.dcmread(file)
        assert np.abs(ds.pixel_array - 1024.0 - hu - ADDED_HU).max() <= 1
    Image.open(output / "preview.png").verify()


def test_the_report_says_what_was_done_and_nothing_about_the_patient(run, tmp_path):
    _, output, _, _ = run(write_series(tmp_path / "in"))
    text = (output / "result.json").read_text()
    report = json.loads(text)
    assert report["status"] == "ok"
    assert report["synthetic"] is True
    assert report["bundle"]["name"] == "stand-in"
    assert len(report["bundle"]["weights_sha256"]) == 64
    assert report["device"]["kind"] == "cpu"
    assert report["series"]["slices"] == 10
    assert report["series"]["spacing_mm"] == {"column": 0.7, "row": 0.9, "slice": 2.0}
    assert report["hu"]["enhancement"]["mean"] == pytest.approx(ADDED_HU, abs=1)
    assert report["written"] == {
        "syn_cta": 10,
        "uncertainty": 0,
        "companions": ["presentation_state", "measurement_report", "pdf_report"],
    }
    assert {LOADER, "resample, normalize", "synthesize", WRITER} <= report["seconds"].keys()
    assert not any(word in text for word in (*IDENTIFYING, "1.2.3.4", str(tmp_path)))


def test_each_stage_says_when_it_begins_and_ends(run, tmp_path):
    _, _, log, _ = run(write_series(tmp_path / "in"))
    lines = [line.split(" INFO    ")[-1] for line in log.splitlines()]
    for stage in (LOADER, "resample, normalize", "synthesize", WRITER):
        begin = lines.index(f"{stage} ...")
        assert any(line.startswith(stage) and line.endswith(" s") for line in lines[begin + 1 :])


@pytest.mark.parametrize("level", ["INFO", "DEBUG"])
def test_no_log_holds_names_ids_uids_or_paths(run, tmp_path, level):
    _, _, log, _ = run(write_series(tmp_path / "in"), "--log-level", level)
    assert not any(word in log for word in (*IDENTIFYING, "1.2.3.4", str(tmp_path)))


def test_a_repeat_writes_the_same_objects(run, tmp_path):
    source = write_series(tmp_path / "in")
    objects = []
    for name in ("first", "second"):
        _, output, _, _ = run(source, output=tmp_path / name)
        objects.append([pydicom.dcmread(file) for file in sorted((output / "syn-cta").iterdir())])
    for first, second in zip(*objects, strict=True):
        for ds in (first, second):
            for keyword in ("SeriesDate", "SeriesTime", "ContentDate", "ContentTime"):
                del ds[keyword]
            del ds.InstanceCreationDate, ds.InstanceCreationTime
        assert first == second


def test_the_result_is_dated_in_the_zone_of_the_source(run, tmp_path):
    zone = timezone(timedelta(hours=13))
    before = datetime.now(zone)
    _, output, _, _ = run(write_series(tmp_path / "in", setting(TimezoneOffsetFromUTC="+1300")))
    objects = [pydicom.dcmread(path) for path in output.rglob("*.dcm")]
    for ds in objects:
        created = f"{ds.InstanceCreationDate}{ds.InstanceCreationTime}{ds.TimezoneOffsetFromUTC}"
        assert before <= datetime.strptime(created, "%Y%m%d%H%M%S.%f%z") <= datetime.now(zone)


def test_own_output_is_refused_as_input(run, tmp_path):
    _, output, _, _ = run(write_series(tmp_path / "in"))
    code, again, _, refusal = run(output / "syn-cta", output=tmp_path / "again")
    assert (code, refusal["reason"]) == (65, "derived")
    assert not again.exists()


def test_an_earlier_result_stays_without_overwrite_and_goes_with_it(run, tmp_path):
    source = write_series(tmp_path / "in")
    run(source)
    (tmp_path / "out" / "result.json").write_text("earlier")
    code, output, _, refusal = run(source)
    assert (code, refusal["reason"]) == (73, "output_exists")
    assert (output / "result.json").read_text() == "earlier"
    assert run(source, "--overwrite")[0] == 0
    assert json.loads((output / "result.json").read_text())["status"] == "ok"


def test_the_series_uid_option_overrides_the_rule(run, tmp_path):
    write_series(tmp_path / "in" / "thick", hu=body_hu(8), series="1.2.3.4.6")
    write_series(tmp_path / "in" / "thin", hu=body_hu(12), series="1.2.3.4.7")
    _, output, _, _ = run(tmp_path / "in", "--series-uid", "1.2.3.4.6")
    report = json.loads((output / "result.json").read_text())
    assert (report["series"]["slices"], report["series"]["choice"]) == (8, "named by the user")


def test_an_empty_variable_for_the_series_counts_as_unset(run, tmp_path, monkeypatch):
    monkeypatch.setenv("SYN_CTA_SERIES_UID", "")
    assert run(write_series(tmp_path / "in"))[0] == 0


def test_the_shipped_bundle_gives_a_valid_series(tmp_path, capfd):
    folders = ["-i", str(write_series(tmp_path / "in")), "-o", str(tmp_path / "out")]
    code = main([*folders, "--device", "cpu", "--log-level", "DEBUG"])
    log = capfd.readouterr().err
    assert code == 0, log
    assert not any(word in log for word in (*IDENTIFYING, "1.2.3.4", str(tmp_path)))
    files = sorted((tmp_path / "out" / "syn-cta").iterdir())
    for file, hu in zip(files, body_hu(), strict=True):
        added_hu = pydicom.dcmread(file).pixel_array - 1024.0 - hu
        assert np.abs(added_hu[hu < -800]).mean() < 25  # air stays air, but for pixels at the edge of the coarse body


# ---- refusal ----


@pytest.mark.parametrize(
    ("edit", "code", "reason"),
    [
        pytest.param(setting(ContrastBolusAgent="GEHEIM"), 65, "contrast", id="contrast"),
        pytest.param(setting(SyntheticData="YES"), 65, "derived", id="derived"),
        pytest.param(setting(RescaleSlope=None), 65, "not_hu", id="no HU"),
        pytest.param(on_slice(3, PatientID="GEHEIM-2"), 65, "identity", id="identity"),
        pytest.param(on_slice(3, PixelData=b"\0" * 10), 65, "corrupt", id="corrupt"),
        pytest.param(on_slice(3, ImagePositionPatient=[-20, -30, 106.9]), 65, "geometry", id="geometry"),
        pytest.param(setting(SOPClassUID="1.2.840.10008.5.1.4.1.1.4"), 66, "no_ct_series", id="MR"),
    ],
)
def test_a_refusal_has_its_code_and_leaves_nothing(run, tmp_path, edit, code, reason):
    exit_code, output, log, refusal = run(write_series(tmp_path / "in", edit), "--log-level", "DEBUG")
    assert (exit_code, refusal["exit_code"], refusal["reason"]) == (code, code, reason)
    assert refusal["status"] == "refused"
    assert not output.exists()
    assert not any(word in log for word in (*IDENTIFYING, "1.2.3.4", str(tmp_path)))


def test_an_error_inside_a_stage_is_internal_and_tells_no_secret(run, tmp_path, monkeypatch):
    def fail(*_):
        raise ValueError("Geheim^Patient in /secret/path")

    monkeypatch.setattr("operators.synthesis.operator.synthesize", fail)
    code, output, log, refusal = run(write_series(tmp_path / "in"), "--log-level", "DEBUG")
    assert (code, refusal["reason"]) == (70, "internal")
    assert "Geheim" not in log
    assert "secret" not in log
    assert not output.exists()


def test_a_run_that_ends_before_the_writer_is_internal(run, tmp_path, monkeypatch):
    monkeypatch.setattr("app.app.SynCTAApp.run", lambda _: None)
    code, output, _, refusal = run(write_series(tmp_path / "in"))
    assert (code, refusal["reason"]) == (70, "internal")
    assert not output.exists()


def test_a_result_that_is_no_number_is_internal_and_leaves_nothing(tmp_path, run):
    broken = write_stand_in_bundle(tmp_path / "nan", bias=float("nan"))
    code, output, _, refusal = run(write_series(tmp_path / "in"), "-m", str(broken))
    assert (code, refusal["reason"]) == (70, "invalid_result")
    assert not output.exists()


def test_running_out_of_memory_is_told_as_such(run, tmp_path, monkeypatch):
    def fail(*_):
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")

    monkeypatch.setattr("operators.preprocessing.operator.prepare", fail)
    code, _, _, refusal = run(write_series(tmp_path / "in"))
    assert (code, refusal["reason"]) == (75, "out_of_memory")


def test_a_folder_that_is_no_bundle_is_named_as_such(run, tmp_path):
    code, _, _, refusal = run(write_series(tmp_path / "in"), "-m", str(tmp_path))
    assert (code, refusal["reason"]) == (78, "bundle")


def test_weights_that_do_not_fit_are_named_as_such(run, tmp_path):
    import torch

    odd = write_stand_in_bundle(tmp_path / "odd")
    torch.save({"weight": torch.ones(1)}, odd / "models" / "model.pt")
    record_weights(odd)
    code, _, _, refusal = run(write_series(tmp_path / "in"), "-m", str(odd))
    assert (code, refusal["reason"]) == (78, "bundle")
    assert "model.pt" in refusal["message"]


def test_a_gpu_that_is_not_there_is_told(run, tmp_path):
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    code, _, _, refusal = run(write_series(tmp_path / "in"), "--device", "cuda")
    assert (code, refusal["reason"]) == (75, "no_gpu")


def test_a_device_that_does_not_exist_is_a_usage_error(run, tmp_path):
    code, output, _, refusal = run(write_series(tmp_path / "in"), "--device", "gpu")
    assert (code, refusal["reason"]) == (2, "device")
    assert "cuda:N" in refusal["message"]
    assert not output.exists()


def test_a_bundle_inside_a_models_folder_is_found(run, tmp_path, bundle):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "bundle").symlink_to(bundle)
    assert run(write_series(tmp_path / "in"), "-m", str(tmp_path / "models"))[0] == 0


def test_a_models_folder_that_may_not_be_read_is_named_as_such(tmp_path):
    with inaccessible_folder(tmp_path) as closed, pytest.raises(Refusal) as refusal:
        bundle_folder(closed)
    assert refusal.value.reason is Reason.BUNDLE


# ---- real commands ----


def test_the_module_runs_with_paths_from_the_environment_and_stays_quiet(tmp_path, bundle):
    done = in_new_process(
        "-m",
        "app",
        MONAI_INPUTPATH=str(write_series(tmp_path / "in")),
        MONAI_OUTPUTPATH=str(tmp_path / "out"),
        HOLOSCAN_MODEL_PATH=str(bundle),
    )
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "out" / "syn-cta").iterdir())) == 10
    # nothing but our own lines: no Holoscan, no CUDA, no stack-size chatter, no Python warning
    assert done.stdout == ""
    assert all(" INFO " in line for line in done.stderr.splitlines()), done.stderr
    for word in ("stack", "gxf", "holoscan", "warning"):
        assert word not in done.stderr.lower()


def test_monai_deploy_exec_passes_the_exit_code_on(tmp_path, bundle):
    source = write_series(tmp_path / "in", setting(SeriesDescription="CTA"))
    options = ("-i", str(source), "-o", str(tmp_path / "out"), "-m", str(bundle), "--log-level", "DEBUG")
    done = in_new_process("-m", "app.monai_deploy", "exec", "app", *options)
    assert done.returncode == 65
    assert not any(word in done.stdout + done.stderr for word in (*IDENTIFYING, "1.2.3.4", str(tmp_path)))
    assert json.loads(done.stderr.splitlines()[-1])["reason"] == "contrast"
    assert not (tmp_path / "out").exists()


def test_help_teaches_without_loading_the_libraries():
    done = in_new_process("app", "-h")  # the folder itself, as a MAP runs it
    assert done.returncode == 0
    for word in ("--series-uid", "exit codes", "HOLOSCAN_INPUT_PATH", "result.json", "not for diagnosis"):
        assert word in done.stdout


def test_missing_folders_are_a_usage_error():
    with pytest.raises(SystemExit) as usage:
        main([])
    assert usage.value.code == 2
