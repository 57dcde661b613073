"""Cohort on disk: balanced, disjoint, resumable."""

import json
import shutil
from collections import Counter
from pathlib import Path

import nibabel as nib
import pytest

from cohorts.phantom import write_cohort
from cohorts.phantom.anatomy import LABELS, REGIONS
from cohorts.phantom.output import cohort as cohort_module
from cohorts.phantom.output.cohort import plan_cohort

pytestmark = [pytest.mark.slow, pytest.mark.long]

TINY = {"slices": 2, "matrix": 32, "spacing_mm": (12.0, 12.0, 10.0), "misalignment_mm": 4.0, "seed": 5}
COUNTS = {"training": 2, "validation": 1, "test": 1}


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    """Folder of the cohort as it was written; tests that change one work in a copy."""
    return Path(write_cohort(tmp_path_factory.mktemp("written") / "cohort", **COUNTS, **TINY, workers=1)).parent


@pytest.fixture
def cohort(written, tmp_path) -> Path:
    return shutil.copytree(written, tmp_path / "cohort") / "datalist.json"


def stamps(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): path.stat().st_mtime_ns for path in folder.glob("*/*.nii")}


def test_datalist_names_files_that_exist(cohort):
    datalist = json.loads(cohort.read_text())
    assert {split: len(members) for split, members in datalist.items()} == COUNTS
    for member in datalist["training"]:
        for name in ("ncct", "cta", "cta_aligned", "structures"):
            assert nib.load(cohort.parent / member[name]).shape == (32, 32, 2)
        assert member["region"] in ("neck", "chest", "abdomen")
        assert member["label"] in ("healthy", "aneurysm", "dissection", "atherosclerosis")


def test_second_run_keeps_all_patients(cohort):
    before = stamps(cohort.parent)
    write_cohort(cohort.parent, **COUNTS, **TINY, workers=1)
    assert stamps(cohort.parent) == before


def test_missing_file_remakes_only_its_patient(cohort):
    before = stamps(cohort.parent)
    (cohort.parent / "phantom-training-0002" / "cta.nii").unlink()
    write_cohort(cohort.parent, **COUNTS, **TINY, workers=1)
    after = stamps(cohort.parent)
    assert {Path(name).parts[0] for name in after if after[name] != before[name]} == {"phantom-training-0002"}


def test_other_parameters_remake_the_patients(cohort):
    before = stamps(cohort.parent)
    write_cohort(cohort.parent, **COUNTS, **(TINY | {"misalignment_mm": 2.0}), workers=1)
    after = stamps(cohort.parent)
    assert all(after[name] != before[name] for name in before)


def test_no_draft_folder_is_left(cohort):
    assert not list(cohort.parent.glob(".*"))


def test_what_a_killed_run_left_half_written_is_removed_and_the_cohort_goes_on(cohort):
    (cohort.parent / ".draft-phantom-training-0001-x1").mkdir()
    (cohort.parent / ".draft-datalist.json").write_text("{")
    before = stamps(cohort.parent)
    write_cohort(cohort.parent, **COUNTS, **TINY, workers=1)
    assert stamps(cohort.parent) == before
    assert not list(cohort.parent.glob(".*"))


def test_a_patient_whose_process_dies_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "cohorts.phantom.output.cohort.run_jobs", lambda make, plans, workers, crashed: map(crashed, plans)
    )
    with pytest.raises(ChildProcessError, match="phantom-training-0001 died twice"):
        write_cohort(tmp_path / "cohort", **COUNTS, **TINY, workers=2)


def test_several_processes_give_the_same_files_as_one(cohort, tmp_path):
    other = Path(write_cohort(tmp_path / "other", **COUNTS, **TINY, workers=2))
    for path in cohort.parent.glob("*/*.nii"):
        assert (other.parent / path.relative_to(cohort.parent)).read_bytes() == path.read_bytes()


def plan(**changes):
    return plan_cohort(**({"training": 24, "validation": 12, "test": 12} | TINY | changes))


def test_splits_share_no_seed():
    seeds = Counter(p.seed for split in plan().values() for p in split)
    assert max(seeds.values()) == 1


def test_cohorts_of_other_seeds_share_no_patient():
    first, second = ({p.seed for split in plan(seed=s).values() for p in split} for s in (0, 1))
    assert not first & second


def test_regions_and_labels_are_balanced():
    for members in plan().values():
        pairs = Counter((p.region, p.label) for p in members)
        assert len(pairs) == 12
        assert len(set(pairs.values())) == 1


def test_a_longer_cohort_begins_with_the_shorter_one():
    assert plan(training=30)["training"][:24] == plan()["training"]


def test_negative_count_is_refused():
    with pytest.raises(ValueError, match="training must be 0 to 999999 patients, found -1"):
        plan(training=-1)


@pytest.mark.parametrize("name", ["datalist.json", "patient.dcm"])
def test_a_folder_with_other_data_is_left_alone(tmp_path, name):
    own = '{"training": [{"patient": "p1"}]}'
    (tmp_path / name).write_text(own)
    with pytest.raises(FileExistsError, match="holds other data"):
        write_cohort(tmp_path, **COUNTS, **TINY, workers=1)
    assert (tmp_path / name).read_text() == own


@pytest.mark.parametrize("added", [(), ("stenosis",), ("stenosis", "coarctation")])
def test_every_pair_of_region_and_label_occurs(monkeypatch, added):
    labels = (*LABELS, *added)
    monkeypatch.setattr(cohort_module, "LABELS", labels)
    pairs = len(labels) * len(REGIONS)
    plan = plan_cohort(training=pairs, validation=0, test=0, **TINY)["training"]
    assert len({(patient.region, patient.label) for patient in plan}) == pairs
