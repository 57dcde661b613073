"""From a patient's study or series to its jobs: `--list` with `--study-uid` and `--series-uid`."""

import json

import pytest
import yaml

from app.gateway.__main__ import main
from app.gateway.queue.jobs import describe_jobs
from app.gateway.queue.spool import State, hashed
from operators.errors import ExitCode
from tests.dicom_series import body_hu, write_series

pytestmark = pytest.mark.slow

STUDY, OTHER_STUDY = "1.2.826.1", "1.2.826.2"


def job_of(spool, key, study, *numbers, state=State.DONE):
    """A job with two slices of each of these series."""
    job = spool.new_job(key)
    for number in numbers:
        write_series(job.objects, hu=body_hu(2), study=study, series=f"{study}.{number}")
    return spool.move(job, state).name


def series_job(spool, study, number, **where):
    return job_of(spool, hashed(study, f"{study}.{number}"), study, number, **where)


def found(spool, **which):
    return [line["job"] for line in describe_jobs(spool, **which)]


def test_a_series_leads_to_its_job_in_whatever_state(spool):
    series_job(spool, STUDY, 1)
    wanted = series_job(spool, STUDY, 2, state=State.REFUSED)
    assert found(spool, series_uid=f"{STUDY}.2") == [wanted]


def test_a_study_leads_to_the_jobs_of_all_its_series(spool):
    wanted = [series_job(spool, STUDY, 1), series_job(spool, STUDY, 2)]
    series_job(spool, OTHER_STUDY, 1)
    assert found(spool, study_uid=STUDY) == wanted


def test_a_series_leads_to_the_job_of_its_study_where_that_is_the_unit(spool):
    wanted = job_of(spool, hashed(STUDY), STUDY, 1, 2)
    job_of(spool, hashed(OTHER_STUDY), OTHER_STUDY, 1, 2)
    assert found(spool, series_uid=f"{STUDY}.2") == [wanted]


def test_study_and_series_must_both_fit(spool):
    series_job(spool, STUDY, 1)
    assert found(spool, study_uid=OTHER_STUDY, series_uid=f"{STUDY}.1") == []


def test_a_job_without_objects_is_nobodys(spool):
    spool.move(spool.new_job("a" * 32), State.DONE)
    assert found(spool, study_uid=STUDY) == []


@pytest.fixture
def gateway_yaml(spool, tmp_path):
    target = {"name": "pacs", "kind": "dicom", "host": "pacs", "port": 104, "ae_title": "PACS"}
    content = {"dicom": {"allow": [{"ae_title": "*"}]}, "queue": {"folder": str(spool.folder)}, "targets": [target]}
    file = tmp_path / "gateway.yaml"
    file.write_text(yaml.safe_dump(content))
    return str(file)


def test_the_command_prints_the_job_and_no_uid(spool, gateway_yaml, capsys):
    wanted = series_job(spool, STUDY, 1)
    series_job(spool, STUDY, 2)
    assert main(["--settings", gateway_yaml, "--list", "--study-uid", STUDY, "--series-uid", f"{STUDY}.1"]) == 0
    printed = "".join(capsys.readouterr())
    assert json.loads(printed)["job"] == wanted
    assert STUDY not in printed


def test_a_retry_of_no_job_has_an_exit_code_of_its_own(gateway_yaml):
    assert main(["--settings", gateway_yaml, "--retry", "nojob"]) == ExitCode.NO_INPUT


def test_a_uid_without_list_is_a_wrong_command_line(gateway_yaml, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["--settings", gateway_yaml, "--series-uid", STUDY])
    assert "give --list too" in capsys.readouterr().err
