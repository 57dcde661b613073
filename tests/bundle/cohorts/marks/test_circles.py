"""Files of marks, and those of the bundle."""

from pathlib import Path

import pytest
import yaml

from cohorts.marks import Circle, read_marks

CONFIGS = Path(__file__).parents[4] / "bundle" / "configs"
HEADER = "structure,x_mm,y_mm,z_mm,radius_mm\n"
TEST_PATIENTS = ("lidc-idri-0314", "acrin-nsclc-042", "totalsegmentator-thorax")


def read(tmp_path: Path, text: str) -> list[Circle]:
    path = tmp_path / "patient.csv"
    path.write_text(text)
    return read_marks(path)


def test_a_line_is_a_circle(tmp_path):
    assert read(tmp_path, HEADER + "aortic_arch,-13.0,-171,-507.5,13\n") == [
        Circle("aortic_arch", -13.0, -171.0, -507.5, 13.0)
    ]


def test_what_is_no_artery_is_told_by_its_name(tmp_path):
    artery, negative, region = read(
        tmp_path, HEADER + "left_subclavian,0,0,0,4\nnot_oesophagus,0,0,0,4\nheart,0,0,0,40\n"
    )
    assert [c.is_artery for c in (artery, negative, region)] == [True, False, False]
    assert [c.is_negative for c in (artery, negative, region)] == [False, True, False]


def test_a_missing_column_is_named(tmp_path):
    with pytest.raises(ValueError, match="radius_mm"):
        read(tmp_path, "structure,x_mm,y_mm,z_mm\n")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("aorta,0,0,0,4", "'aorta' is not a known structure"),
        ("aortic_arch,0,left,0,4", "'left'"),
        ("aortic_arch,0,0,0,0", "must be above 0"),
        ("aortic_arch,0,0,0,nan", "must be above 0"),
    ],
)
def test_a_wrong_line_is_named_by_its_number(tmp_path, line, message):
    with pytest.raises(ValueError, match=f"line 3.*{message}"):
        read(tmp_path, f"{HEADER}aortic_arch,0,0,0,4\n{line}\n")


@pytest.mark.parametrize("path", sorted((CONFIGS / "marks").glob("*.csv")), ids=lambda path: path.stem)
def test_marks_of_the_bundle_say_what_is_no_artery(path):
    assert any(c.is_negative for c in read_marks(path))


def test_scans_that_are_painted_or_scored_have_marked_arteries():
    painted = yaml.safe_load((CONFIGS / "painted_pairs.yaml").read_text())["series"]
    names = [*(s["marks"] for s in painted), *(f"marks/{name}.csv" for name in ("lidc-idri-0314", "acrin-nsclc-042"))]
    assert all(any(c.is_artery for c in read_marks(CONFIGS / name)) for name in names)


def test_no_test_patient_is_painted_for_training():
    series = yaml.safe_load((CONFIGS / "painted_pairs.yaml").read_text())["series"]
    assert not [s for s in series if any(name in f"{s['patient']} {s['marks']}" for name in TEST_PATIENTS)]
