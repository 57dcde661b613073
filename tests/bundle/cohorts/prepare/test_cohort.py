"""A source with good and bad pairs becomes a training folder and a report."""

import hashlib
import json
from dataclasses import replace

import nibabel
import numpy as np
import pytest

from cohorts.phantom.output.nifti import lps_affine
from cohorts.prepare import PairOptions, PatientOptions, SearchOptions, cohort, prepare
from cohorts.prepare.reasons import Reason
from prepare.sources import FAST, SHORT, patient, save, save_series, write_csv
from scripts.data import patients, slices
from tests.mutated_series import mutated_case

pytestmark = pytest.mark.slow

ENDS_GDCM = 916224
"""A JPEG-LS series whose second slice ends GDCM by a signal: never to be decoded in the process of the tests."""

BAD = {
    "Doe^lone": Reason.NO_CTA,
    "Doe^other-body": Reason.DIFFERENT_BODY,
    "Doe^upside-down": Reason.ORIENTATION,
    "Doe^elsewhere": Reason.NO_OVERLAP,
    "Doe^nan": Reason.NOT_FINITE,
    "Doe^constant": Reason.CONSTANT,
    "Doe^endless": Reason.TOO_MANY_SLICES,
    "Doe^unfilled": Reason.NO_ENHANCEMENT,
    "Doe^swapped": Reason.SWAPPED,
    "Doe^stent": Reason.EXCLUDED,
    "Doe^two": Reason.AMBIGUOUS,
}


def write_source(root):
    ncct, cta = patient().ncct_hu, patient().cta_hu
    with_nan = cta.astype(np.float32)
    with_nan[3, 3, 3] = np.nan
    pairs = {
        "Doe^good": (ncct, cta),
        "Doe^other-body": (ncct, patient(7).cta_hu),
        "Doe^upside-down": (ncct, cta[:, ::-1]),
        "Doe^nan": (ncct, with_nan),
        "Doe^constant": (np.full_like(ncct, 40), cta),
        "Doe^unfilled": (ncct, ncct),
        "Doe^swapped": (cta, ncct),
        "Doe^stent": (ncct, cta),
        "Doe^two": (ncct, cta),
    }
    for name, volumes in pairs.items():
        for volume, ending in zip(volumes, ("0000", "0001"), strict=True):
            save(root / f"{name}_{ending}.nii.gz", volume)
    save(root / "again" / "Doe^two_0001.nii.gz", cta)
    save(root / "Doe^lone_0000.nii.gz", ncct)
    save(root / "Doe^elsewhere_0000.nii.gz", ncct)
    save(root / "Doe^elsewhere_0001.nii.gz", cta, shift_mm=(0, 0, 300))
    save(root / "Doe^endless_0000.nii.gz", ncct)
    endless = nibabel.Nifti1Image(np.zeros((2, 2, 3000), np.int16), lps_affine((3000, 2, 2), (1, 1, 1)))
    nibabel.save(endless, root / "Doe^endless_0001.nii.gz")


def digest(folder) -> str:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return hashlib.sha256(b"".join(str(path).encode() + path.read_bytes() for path in files)).hexdigest()


@pytest.fixture(scope="module")
def zoo(tmp_path_factory):
    """A source, its digest before the run, and the folder that was made of it."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("parent") / "out"
    write_source(source)
    known = [
        {"patient": "Doe^good", "region": "neck", "label": "dissection", "split": "external", "exclude": ""},
        {"patient": "Doe^stent", "region": "", "label": "", "split": "", "exclude": "stent"},
    ]
    lists = write_csv(tmp_path_factory.mktemp("lists") / "patients.csv", known)
    before = digest(source)
    prepare(source, out, patient_options=PatientOptions(lists, region="chest"), **FAST)
    return source, before, out


@pytest.fixture
def report(zoo) -> dict:
    return json.loads((zoo[2] / "report.json").read_text())


@pytest.mark.parametrize("name", BAD)
def test_a_bad_pair_is_rejected_with_its_reason(zoo, report, name):
    case = next(line.split(",")[0] for line in (zoo[2] / "linking.csv").read_text().splitlines() if f",{name}," in line)
    (row,) = [row for row in report["rejected"] if row["case"] == case]
    assert row["reason"] == BAD[name].value
    assert row["advice"]
    assert not (zoo[2] / case).exists()


def test_the_source_is_unchanged(zoo):
    assert digest(zoo[0]) == zoo[1]


def test_the_datalist_holds_the_good_pair_with_what_the_list_says(zoo):
    (record,) = patients(zoo[2] / "datalist.json", "external")
    assert (record["region"], record["label"]) == ("neck", "dissection")
    assert len(slices(patients(zoo[2] / "datalist.json", "external"), (0.67, 0.67, 1.25))) == 29


def test_the_counts_add_up(report):
    assert report["counts"]["accepted"] == 1
    assert report["counts"]["rejected"] == len(BAD) == sum(report["counts"]["by_reason"].values())
    assert report["counts"]["by_split"] == {"external": 1}


def test_no_patient_is_named_but_in_the_linking_list(zoo):
    named = [path for path in zoo[2].rglob("*") if path.is_file() and b"Doe" in path.read_bytes()]
    assert named == [zoo[2] / "linking.csv"]
    assert not any("Doe" in path.name for path in zoo[2].rglob("*"))


def test_every_pair_that_could_be_read_has_its_picture_on_the_page(zoo, report):
    page = (zoo[2] / "report.html").read_text()
    with_picture = [row for row in report["accepted"] + report["rejected"] if row["preview"]]
    assert len(with_picture) == 5  # good, other body, upside down, unfilled, swapped
    for row in with_picture:
        assert (zoo[2] / row["preview"]).stat().st_size > 1000
        assert f"src='{row['preview']}'" in page


def test_a_second_run_gives_the_same_and_makes_nothing_again(zoo):
    before = {path: path.stat().st_mtime_ns for path in zoo[2].rglob("*.nii")}
    datalist = (zoo[2] / "datalist.json").read_bytes()
    prepare(zoo[0], zoo[2], patient_options=PatientOptions(zoo[2] / "linking.csv", "neck", "dissection"), **FAST)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert json.loads(datalist)["external"] == json.loads((zoo[2] / "datalist.json").read_bytes())["external"]


def test_a_run_that_is_stopped_leaves_no_datalist_and_keeps_the_splits(zoo, tmp_path, monkeypatch):
    def stopped(*_args, **_keywords):
        raise KeyboardInterrupt

    monkeypatch.setattr(cohort, "run_jobs", stopped)
    (tmp_path / "datalist.json").write_text("{}")
    (tmp_path / "linking.csv").write_text("case,patient,split,ncct,cta\ncase-0001,Doe^good,test,,\n")
    with pytest.raises(KeyboardInterrupt):
        prepare(zoo[0], tmp_path, **FAST)
    assert not (tmp_path / "datalist.json").exists()
    assert "case-0001,Doe^good,test," in (tmp_path / "linking.csv").read_text()


def test_without_a_usable_pair_the_report_is_written_and_named(tmp_path):
    save(tmp_path / "src" / "a_0000.nii", patient().ncct_hu)
    with pytest.raises(ValueError, match=r"The reasons are in .*report\.html"):
        prepare(tmp_path / "src", tmp_path / "out", search_options=SearchOptions("nnunet"), **FAST)
    assert (tmp_path / "out" / "report.html").is_file()
    assert not (tmp_path / "out" / "datalist.json").exists()


def test_a_dicom_tree_gives_region_and_pair_by_its_headers(tmp_path):
    for phase in ("ncct", "cta"):
        save_series(tmp_path / "src" / "any" / phase, phase)
    datalist = json.loads(
        prepare(tmp_path / "src", tmp_path / "out", search_options=SearchOptions("dicom"), **FAST).read_text()
    )
    ((record,),) = [records for records in datalist.values() if records]
    assert (record["patient"], record["region"]) == ("case-0001", "chest")


def test_pixels_that_end_their_decoder_are_a_reason_in_the_report(tmp_path):
    """The damaged slices are read in a worker alone; what becomes of the other jobs, tests of the pool tell."""
    save_series(tmp_path / "src" / "p" / "ARTERIAL" / "DICOM", "cta")
    native = tmp_path / "src" / "p" / "NATIVE" / "DICOM"
    native.mkdir(parents=True)
    for number, content in enumerate(mutated_case(ENDS_GDCM)):
        (native / f"{number}.dcm").write_bytes(content)
    with pytest.raises(ValueError, match="None of 1 pairs can be used"):
        prepare(
            tmp_path / "src", tmp_path / "out", search_options=SearchOptions("coltea"), pair_options=SHORT, workers=1
        )
    (rejected,) = json.loads((tmp_path / "out" / "report.json").read_text())["rejected"]
    assert rejected["reason"] == Reason.CRASHED


def test_a_list_of_pairs_takes_the_place_of_a_layout(tmp_path):
    save(tmp_path / "src" / "x.nii", patient().ncct_hu)
    save(tmp_path / "src" / "y.nii", patient().cta_hu)
    rows = [{"patient": "p", "ncct": "x.nii", "cta": "y.nii", "label": "aneurysm", "split": "training"}]
    pairs = write_csv(tmp_path / "pairs.csv", rows)
    out = tmp_path / "out"
    prepare(
        tmp_path / "src",
        out,
        search_options=SearchOptions(pairs_list=pairs),
        patient_options=PatientOptions(keep_ids=True),
        pair_options=replace(SHORT, align="rigid"),
        workers=0,
    )
    (record,) = patients(out / "datalist.json", "training")
    assert (record["patient"], record["label"]) == ("p", "aneurysm")
    assert "rigid" in json.loads((out / "report.json").read_text())["accepted"][0]["notes"][0]


def test_an_output_inside_the_source_is_refused(tmp_path):
    with pytest.raises(ValueError, match="inside the source folder"):
        prepare(tmp_path, tmp_path / "out", **FAST)


def test_a_folder_with_another_cohort_is_left_alone(tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "datalist.json").write_text("{}")
    with pytest.raises(FileExistsError, match="another cohort"):
        prepare(tmp_path / "src", tmp_path / "out", **FAST)


def test_a_missing_source_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="absent"):
        prepare(tmp_path / "absent", tmp_path / "out", **FAST)


def test_an_unknown_alignment_is_refused_with_those_that_exist():
    with pytest.raises(ValueError, match=r"'none', 'rigid', 'deformable', found 'elastic'"):
        PairOptions(align="elastic")


def test_a_source_that_is_not_named_is_asked_for(tmp_path):
    with pytest.raises(ValueError, match="Give the folder of the scans"):
        prepare(None, tmp_path)
