"""What a worker says of a study, and what the command makes of it."""

import csv

import pytest

from app.cohort import __main__ as command
from app.cohort.manifest import Study
from app.cohort.worker import Outcome, Worker
from app.failures import as_refusal
from app.settings import read_settings
from operators.errors import Reason, Refusal
from tests.dicom_series import IDENTIFYING, PATIENT_NAME, setting, write_series
from tests.stand_in_bundle import write_stand_in_bundle

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (Refusal(Reason.CONTRAST, "Contrast was given."), ("refused", 65, "contrast", "Contrast was given.")),
        (Refusal(Reason.NO_CT_SERIES, "No CT."), ("refused", 66, "no_ct_series", "No CT.")),
        (Refusal(Reason.NO_INPUT, "No folder."), ("failed", 66, "no_input", "No folder.")),
        (Refusal(Reason.UNREADABLE, "Bad disk."), ("failed", 66, "unreadable", "Bad disk.")),
        (MemoryError(), ("failed", 75, "out_of_memory", as_refusal(MemoryError()).message)),
        (ValueError("Doe^John"), ("failed", 70, "internal", as_refusal(ValueError()).message)),
    ],
)
def test_only_what_another_run_would_refuse_again_is_refused(error, outcome, tmp_path, monkeypatch):
    def convert(_):
        raise error

    worker = Worker(write_stand_in_bundle(tmp_path / "bundle"), read_settings(), "cpu", "WARNING")
    monkeypatch.setattr(worker, "_convert", convert)
    found = worker.convert(Study("a", tmp_path / "in", tmp_path / "out", None))
    assert (found.status, found.exit_code, found.reason, found.message) == outcome


def test_a_storage_that_is_away_is_a_failure_of_its_studies(tmp_path):
    worker = Worker(write_stand_in_bundle(tmp_path / "bundle"), read_settings(), "cpu", "WARNING")
    assert worker.convert(Study("a", tmp_path / "not mounted", tmp_path / "out", None)).status == "failed"


def test_a_refusal_says_nothing_about_the_patient(tmp_path):
    source = write_series(tmp_path / "in", setting(ContrastBolusAgent=f"given to {PATIENT_NAME}"))
    worker = Worker(write_stand_in_bundle(tmp_path / "bundle"), read_settings(), "cpu", "WARNING")
    found = worker.convert(Study("a", source, tmp_path / "out", None))
    assert "contrast-enhanced" in found.message
    assert not any(word in found.message for word in (*IDENTIFYING, "1.2.3.4", str(tmp_path)))


def test_a_worker_without_its_bundle_gives_no_outcome(tmp_path):
    worker = Worker(tmp_path / "bundle", read_settings(), "cpu", "WARNING")
    with pytest.raises(Refusal) as refusal:
        worker.convert(Study("a", tmp_path / "in", tmp_path / "out", None))
    assert refusal.value.reason is Reason.BUNDLE


@pytest.mark.parametrize(
    ("status", "exit_code"), [("done", 0), ("skipped", 0), ("refused", 0), ("failed", 75), ("lost", 75)]
)
def test_the_exit_code_says_whether_another_run_may_do_more(status, exit_code, tmp_path, monkeypatch):
    (tmp_path / "manifest.csv").write_text("study,input,output\na,in,out\n")
    outcome = Outcome(status, 0, "", "", 0.0, 0.0)
    monkeypatch.setattr(command, "run_pool", lambda studies, *_, **__: ((study, outcome) for study in studies))
    assert command.main([str(tmp_path / "manifest.csv"), "--device", "cpu", "--no-progress"]) == exit_code


def test_why_a_study_was_refused_stands_in_summary_and_log(tmp_path, monkeypatch, capfd):
    (tmp_path / "manifest.csv").write_text("study,input,output\na,in,out\n")
    outcome = Outcome("refused", 65, "contrast", "Contrast was given, says the header.", 0.0, 0.0)
    monkeypatch.setattr(command, "run_pool", lambda studies, *_, **__: ((study, outcome) for study in studies))
    command.main([str(tmp_path / "manifest.csv"), "--device", "cpu", "--no-progress"])
    with (tmp_path / "manifest.summary.csv").open() as file:
        assert [row["message"] for row in csv.DictReader(file)] == [outcome.message]
    assert f"Study a refused: {outcome.message}" in capfd.readouterr().err


def test_a_summary_that_cannot_be_written_is_told_before_any_work(tmp_path, capfd):
    (tmp_path / "manifest.csv").write_text("study,input,output\na,in,out\n")
    summary = tmp_path / "missing" / "summary.csv"
    assert command.main([str(tmp_path / "manifest.csv"), "--summary", str(summary), "--device", "cpu"]) == 73
    assert "--summary" in capfd.readouterr().err


@pytest.mark.parametrize("option", ["--workers", "--cpus"])
def test_no_worker_and_no_core_is_a_usage_error(option, capsys):
    with pytest.raises(SystemExit) as ended:
        command.main(["manifest.csv", option, "0"])
    assert ended.value.code == 2
    assert "at least 1" in capsys.readouterr().err
