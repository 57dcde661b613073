"""Patients who cannot be scored, and runs that are stopped."""

import csv
import json
import logging
from pathlib import Path

import nibabel
import numpy as np
import pytest
from monai.bundle import ConfigWorkflow

from scripts.evaluation import CohortEvaluator
from scripts.evaluation.figures import representative_slice
from scripts.evaluation.truth import VesselZone, load_truth

pytestmark = pytest.mark.slow

REASON = "holds NaN or infinite values"


class FailsOn:
    """A model that does nothing, and raises an error for one patient."""

    def __init__(self, error: BaseException, patient: dict) -> None:
        self.error = error
        self.patient = patient
        self.checkpoint = Path(__file__)

    def __call__(self, path: str) -> tuple[np.ndarray, np.ndarray]:
        if path == self.patient["ncct"]:
            raise self.error
        ncct_hu = np.asarray(nibabel.load(path).dataobj, dtype=np.float32)[None]
        return ncct_hu, ncct_hu


def rows_of(path: Path) -> list[dict]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def broken(records, tmp_path_factory) -> dict:
    """A patient whose NCCT holds a NaN, which its header does not tell."""
    ncct = nibabel.load(records[0]["ncct"])
    ncct_hu = ncct.get_fdata(dtype=np.float32)
    ncct_hu[60, 60, 2] = np.nan
    path = tmp_path_factory.mktemp("broken") / "ncct.nii"
    nibabel.save(nibabel.Nifti1Image(ncct_hu, ncct.affine), path)
    return {**records[0], "patient": "broken", "ncct": str(path)}


@pytest.fixture(scope="module")
def evaluator(records, broken, tmp_path_factory) -> CohortEvaluator:
    """It has scored three patients, of whom the second cannot be; the table also put into a model card."""
    folder = tmp_path_factory.mktemp("results")
    card = folder / "card.md"
    card.write_text("<!-- evaluation -->\n<!-- end of evaluation -->\n")
    evaluator = CohortEvaluator([records[0], broken, records[1]], {}, folder, card=card, progress=False)
    evaluator.run()
    return evaluator


def test_a_patient_who_cannot_be_scored_stops_no_other(evaluator):
    rows = rows_of(evaluator.output_dir / "patients.csv")
    assert [row["patient"] for row in rows if row["model"] == "NCCT unchanged"] == ["patient-0", "patient-1"]


def test_the_report_says_who_is_missing_and_why(evaluator):
    report = (evaluator.output_dir / "report.md").read_text()
    assert "**Not scored: 1 of 3 patients.**" in report
    (line,) = (line for line in report.splitlines() if line.startswith("- broken: "))
    assert REASON in line


def test_the_summary_says_who_is_missing_and_why(evaluator):
    not_scored = json.loads((evaluator.output_dir / "summary.json").read_text())["not_scored"]
    assert list(not_scored) == ["broken"]
    assert REASON in not_scored["broken"]


def test_the_card_does_not_hide_that_a_patient_is_missing(evaluator):
    assert "**Not scored: 1 of 3 patients.**" in (evaluator.output_dir / "card.md").read_text()


def test_figures_show_the_patients_they_name_when_one_is_missing(records, broken, tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr("scripts.evaluation.evaluator.draw_patients", lambda patients, path: drawn.extend(patients))
    evaluator = CohortEvaluator([broken, *records], {}, tmp_path, known_anatomy=False, progress=False)
    evaluator.models["mine"] = FailsOn(OSError(), broken)
    evaluator.run()
    for name, slices in drawn:
        (record,) = (record for record in records if f" {record['patient']}," in name)
        truth = load_truth(record, VesselZone())
        assert np.array_equal(slices["NCCT"], truth.ncct_hu[..., representative_slice(truth)].round())


def test_the_log_warns(records, broken, tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        CohortEvaluator([records[0], broken], {}, tmp_path, progress=False).run()
    assert any(REASON in record.getMessage() for record in caplog.records if record.levelname == "WARNING")


def test_a_patient_whom_one_model_fails_on_counts_for_none(records, tmp_path):
    evaluator = CohortEvaluator(records, {}, tmp_path, progress=False)
    evaluator.models["mine"] = FailsOn(RuntimeError("out of memory"), records[0])
    evaluator.run()
    assert {row["patient"] for row in rows_of(tmp_path / "patients.csv")} == {"patient-1"}
    assert {row["patient"] for row in rows_of(tmp_path / "vessels.csv")} == {"patient-1"}


def test_a_cohort_of_whom_nobody_can_be_scored_is_an_error(broken, tmp_path):
    with pytest.raises(ValueError, match=f"None of 1 patients could be scored. The first error: broken: .*{REASON}"):
        CohortEvaluator([broken], {}, tmp_path, progress=False).run()


def test_the_rows_of_finished_patients_outlive_a_run_that_is_stopped(records, tmp_path):
    evaluator = CohortEvaluator(records, {}, tmp_path, known_anatomy=False, progress=False)
    evaluator.models["mine"] = FailsOn(KeyboardInterrupt(), records[1])
    with pytest.raises(KeyboardInterrupt):
        evaluator.run()
    rows = rows_of(tmp_path / "patients.csv.part")
    assert [(row["patient"], row["model"]) for row in rows] == [("patient-0", "NCCT unchanged"), ("patient-0", "mine")]
    assert not (tmp_path / "patients.csv").exists()


def run_command(bundle_folder: Path, datalist: Path, out: Path) -> None:
    """Run evaluate.yaml in this process."""
    config = str(bundle_folder / "configs" / "evaluate.yaml")
    settings = {"bundle_root": str(bundle_folder), "datalist": str(datalist), "output_dir": str(out)}
    settings |= {"models": {}, "split": "training", "progress": False}
    ConfigWorkflow(config, logging_file=False, workflow_type="inference", **settings).run()


def test_the_command_ends_with_an_error_when_a_patient_is_missing(bundle_folder, records, broken, tmp_path):
    datalist = tmp_path / "datalist.json"
    datalist.write_text(json.dumps({"training": [records[0], broken]}))
    with pytest.raises(SystemExit, match=r"Not scored: 1 of 2 patients\. The reasons are in .*report\.md"):
        run_command(bundle_folder, datalist, tmp_path / "out")
    assert (tmp_path / "out" / "report.md").is_file()


def test_the_command_ends_well_when_all_are_scored(bundle_folder, small_datalist, tmp_path):
    run_command(bundle_folder, small_datalist, tmp_path)
    assert (tmp_path / "report.md").is_file()
