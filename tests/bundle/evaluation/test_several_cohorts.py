"""Datalists of two folders whose patients have the same names, as every prepared folder has."""

import csv
import json
from pathlib import Path

import pytest
from bundle.small_cohort import write_small_cohort

from scripts.data import patients
from scripts.evaluation import CohortEvaluator

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def results(models, tmp_path_factory) -> Path:
    """Results of one model on one patient each."""
    folder = tmp_path_factory.mktemp("cohorts")
    datalists = [write_small_cohort(folder / name, training=1, validation=0) for name in ("north", "south")]
    only = {"residual": models["residual"]}
    CohortEvaluator(patients(datalists, "training"), only, folder / "out", known_anatomy=False, progress=False).run()
    return folder / "out"


@pytest.fixture(scope="module")
def rows(results) -> list[dict]:
    with (results / "patients.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_patient_of_every_cohort_has_rows(rows):
    assert [row["patient"] for row in rows if row["model"] == "residual"] == ["north/patient-0", "south/patient-0"]


def test_the_rows_name_the_cohort(rows):
    assert [row["cohort"] for row in rows if row["model"] == "residual"] == ["north", "south"]


def test_the_rows_of_one_cohort_have_no_column_more(records, tmp_path):
    CohortEvaluator(records[:1], {}, tmp_path, progress=False).run()
    header = (tmp_path / "patients.csv").read_text().splitlines()[0]
    assert header.startswith("patient,region,label,model,")


def test_models_are_compared_on_the_patients_of_all_cohorts(results):
    comparisons = json.loads((results / "summary.json").read_text())["comparisons"]
    assert {comparison["difference"]["patients"] for comparison in comparisons if comparison["key"] == "mae_hu"} == {2}


def test_the_report_tells_how_many_patients_are_of_which_cohort(results):
    assert "2 patients, 1 of cohort north, 1 of cohort south," in (results / "report.md").read_text()


def test_the_figures_are_there(results):
    assert (results / "patients_residual.png").is_file()
