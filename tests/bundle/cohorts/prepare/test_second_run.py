"""A second run into the same training folder: who had a split keeps it, and who does not is told of.

The volumes are of no matter here, so pairs are accepted unread.
"""

import json
import logging

import pytest

from cohorts.prepare import PatientOptions, SearchOptions, SplitOptions, cohort, prepare
from cohorts.prepare.lists import read_patients
from cohorts.prepare.pair import Outcome
from cohorts.prepare.reasons import Reason
from prepare.sources import write_csv

pytestmark = pytest.mark.slow

NUMBERS = {"training": 30, "validation": 10, "test": 10}
REJECTED_PATIENT = "p-without-space"


@pytest.fixture(autouse=True)
def accepted_unread(monkeypatch):
    def run_jobs(_make, jobs, *_args, **_keywords):
        for case, candidate in jobs:
            full = candidate.patient == REJECTED_PATIENT
            yield Outcome(case, reason=Reason.NO_SPACE.value if full else None, figures={"slices": 20})

    monkeypatch.setattr(cohort, "run_jobs", run_jobs)


@pytest.fixture
def run(tmp_path):
    """A run on this many patients (or on these), which returns the split of each."""
    (tmp_path / "source").mkdir()

    def start(patients, patients_list=None, keep_ids=False, **settings):
        names = [f"p{number}" for number in range(patients)] if isinstance(patients, int) else patients
        pairs = write_csv(tmp_path / "pairs.csv", [{"patient": name, "ncct": "n", "cta": "c"} for name in names])
        listed = write_csv(tmp_path / "patients.csv", patients_list) if patients_list else None
        prepare(
            tmp_path / "source",
            tmp_path / "out",
            search_options=SearchOptions(pairs_list=pairs),
            patient_options=PatientOptions(listed, keep_ids=keep_ids),
            split_options=SplitOptions(NUMBERS, **settings),
        )
        datalist = json.loads((tmp_path / "out" / "datalist.json").read_text())
        split = {record["patient"]: name for name, records in datalist.items() for record in records}
        rows = (line.split(",") for line in (tmp_path / "out" / "linking.csv").read_text().splitlines()[1:])
        return {row[1]: split[row[0]] for row in rows if row[0] in split}

    return start


@pytest.fixture
def warnings(tmp_path):
    return lambda: json.loads((tmp_path / "out" / "report.json").read_text())["warnings"]


def test_nobody_changes_his_split_when_patients_join(run):
    first = run(50)
    second = run(60)
    assert {patient: second[patient] for patient in first} == first


def test_nothing_is_warned_of_when_patients_join(run, warnings):
    run(50)
    run(60)
    assert warnings() == []


def test_another_seed_moves_nobody(run):
    assert run(50) == run(50, seed=1)


def test_a_split_is_kept_when_cases_get_the_ids_as_names(run):
    first = run(50)
    assert run(50, keep_ids=True, seed=1) == first


def test_resplit_draws_as_a_first_run_does(run, tmp_path):
    run(50)
    again = run(60, resplit=True)
    (tmp_path / "out").rename(tmp_path / "before")
    assert again == run(60)


def test_resplit_warns_of_weights_trained_before(run, warnings):
    run(50)
    run(60, resplit=True)
    (warning,) = warnings()
    assert "left test" in warning
    assert "Do not score earlier weights on this test set" in warning


def test_a_list_moves_a_patient_of_an_earlier_run_with_a_warning(run, warnings):
    first = run(50)
    moved = [{"patient": patient, "split": "training"} for patient in first if first[patient] == "test"][:3]
    second = run(50, patients_list=moved)
    assert {second[row["patient"]] for row in moved} == {"training"}
    assert "3 patients have another split than in an earlier run, because a list" in warnings()[0]


def test_warnings_are_logged_as_such(run, warnings, caplog):
    run(50)
    run(60, resplit=True)
    assert [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING] == [f"{warnings()[0]}."]


def test_a_patient_rejected_for_once_comes_back_to_his_split(run, tmp_path):
    names = [REJECTED_PATIENT, "p1", "p2"]
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "linking.csv").write_text(f"case,patient,split,ncct,cta\ncase-0001,{REJECTED_PATIENT},test,,\n")
    run(names)
    assert read_patients(tmp_path / "out" / "linking.csv")[REJECTED_PATIENT] == {"split": "test"}


def test_patients_absent_for_once_come_back_to_their_splits(run):
    first = run(50)
    run(10, seed=1)
    assert run(50, seed=1) == first


def test_absent_patients_are_remarked(run, tmp_path):
    run(50)
    run(10)
    assert "40 patients of an earlier run are not in the source" in (tmp_path / "out" / "report.html").read_text()


def test_a_run_that_is_stopped_before_its_report_changes_no_split(run, tmp_path, monkeypatch):
    def stopped(*_args):
        raise KeyboardInterrupt

    run(50)
    before = (tmp_path / "out" / "linking.csv").read_text()
    monkeypatch.setattr(cohort, "write_report", stopped)
    with pytest.raises(KeyboardInterrupt):
        run(50, resplit=True, seed=1)
    assert (tmp_path / "out" / "linking.csv").read_text() == before
