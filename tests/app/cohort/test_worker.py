"""What a worker says of a study, and what the command makes of it."""

import pytest

from app.cohort import __main__ as command
from app.cohort.manifest import Study
from app.cohort.worker import Outcome, Worker
from app.settings import read_settings
from operators.errors import Reason, Refusal
from tests.stand_in_bundle import write_stand_in_bundle


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (Refusal(Reason.CONTRAST, "Contrast was given."), ("refused", 65, "contrast")),
        (Refusal(Reason.NO_CT_SERIES, "No CT."), ("refused", 66, "no_ct_series")),
        (MemoryError(), ("failed", 75, "out_of_memory")),
        (ValueError(), ("failed", 70, "internal")),
    ],
)
def test_only_what_another_run_would_refuse_again_is_refused(error, outcome, tmp_path, monkeypatch):
    def convert(_):
        raise error

    worker = Worker(write_stand_in_bundle(tmp_path / "bundle"), read_settings(), "cpu", "WARNING")
    monkeypatch.setattr(worker, "_convert", convert)
    found = worker.turn(Study("a", tmp_path / "in", tmp_path / "out", None))
    assert (found.status, found.exit_code, found.reason) == outcome


@pytest.mark.parametrize(
    ("status", "exit_code"), [("done", 0), ("skipped", 0), ("refused", 0), ("failed", 75), ("lost", 75)]
)
def test_the_exit_code_says_whether_another_run_may_do_more(status, exit_code, tmp_path, monkeypatch):
    (tmp_path / "manifest.csv").write_text("study,input,output\na,in,out\n")
    outcome = Outcome(status, 0, "", 0.0, 0.0)
    monkeypatch.setattr(command, "run_pool", lambda studies, *_, **__: ((study, outcome) for study in studies))
    assert command.main([str(tmp_path / "manifest.csv"), "--device", "cpu", "--no-progress"]) == exit_code


@pytest.mark.parametrize("option", ["--workers", "--cpus"])
def test_no_worker_and_no_core_is_a_usage_error(option, capsys):
    with pytest.raises(SystemExit) as ended:
        command.main(["manifest.csv", option, "0"])
    assert ended.value.code == 2
    assert "at least 1" in capsys.readouterr().err
