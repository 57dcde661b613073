"""The figures for a reader, and the page that shows them."""

import re

import matplotlib
import numpy as np
import pytest
from pydicom.dataset import Dataset

from operators.dicom_objects.source_contrast import SourceContrast
from operators.report.comparison import compare
from operators.report.key_pictures import KeyPicture, KeyPictures
from operators.report.measures import MeasureGroup, Statistic, run_measures
from operators.report.pdf import ReportContent, pdf_report
from operators.report.subject import Subject, subject_of
from operators.report.vessels import VesselCoverage
from tests.written_series import PROVENANCE

pytestmark = pytest.mark.slow

SPACING_MM = (0.5, 0.5, 2.0)
SUBJECT = Subject("Doe Jane, ID 4711, born 1950-01-31, sex F", "2024-03-05, CT Chest, accession A1", "number 2, NATIVE")


@pytest.fixture
def volumes():
    """NCCT, and the same with 20 voxels of 340 HU."""
    ncct_hu = np.full((4, 10, 10), 40.0, dtype=np.float32)
    syn_cta_hu = ncct_hu.copy()
    syn_cta_hu[1, :4, :5] = 340
    return ncct_hu, syn_cta_hu


def figures_of(volumes, name, *uncertainty):
    groups = run_measures(compare(*volumes, *uncertainty), SPACING_MM)
    return next(group.figures for group in groups if name in group.name)


def test_the_enhanced_volume_and_its_hu_are_measured(volumes):
    figures = figures_of(volumes, "raised by more than 100 HU")
    assert figures[Statistic.MEAN] == 340
    assert figures[Statistic.VOLUME] == pytest.approx(20 * 0.0005, abs=0.05)


def test_without_enhancement_there_is_a_volume_of_nothing_and_no_hu(volumes):
    assert figures_of((volumes[0], volumes[0]), "raised by more than 100 HU") == {Statistic.VOLUME: 0.0}


def test_the_uncertainty_has_its_figures_where_it_was_computed(volumes):
    assert not any("ncertainty" in group.name for group in run_measures(compare(*volumes), SPACING_MM))
    assert figures_of(volumes, "of all tissue", np.full_like(volumes[0], 12.0))[Statistic.MEAN] == 12


def page(warnings, subject=SUBJECT):
    grey = np.zeros((8, 8), dtype=np.uint8)
    picture = KeyPicture("1.0 mm", grey, ("R", "L", "A", "P"), 1.0)
    content = ReportContent(
        subject=subject,
        pictures=KeyPictures([picture] * 9, [picture] * 2),
        vessels=[VesselCoverage("Descending aorta", 120.0, 111.0, 9.0, 352.0)],
        measures=[MeasureGroup("Raised", {Statistic.MEAN: 1.0, Statistic.VOLUME: 2.0})],
        limits=["Carotids often stay dark."],
        warnings=warnings,
    )
    return pdf_report(content, PROVENANCE, SourceContrast())


@pytest.fixture(scope="module")
def plain_text():
    """What the report of a run with one warning says."""
    with matplotlib.rc_context({"pdf.compression": 0}):
        return text_of(page(["An odd thing."]))


def test_the_page_is_a_pdf_with_the_same_bytes_for_the_same_run():
    assert page(["one"]).startswith(b"%PDF")
    assert page(["one"]) == page(["one"])
    assert page(["one"]) != page(["two"])


def text_of(pdf):
    """Letters of an uncompressed PDF, in the order of drawing, without what kerning puts between them."""
    return b"".join(re.findall(rb"\(((?:[^()\\\\]|\\\\.)*)\)", pdf)).decode("latin-1")


def test_the_page_holds_figures_warnings_and_the_notice(plain_text):
    for words in (
        "SYNTHETIC CT angiogram",
        "not for diagnosis",
        "Syn-CTA 0.1.0",
        "An odd thing.",
        "Descending aorta: enhanced over 111 of 120 mm",
        "Carotids often stay dark.",
        "Raised",
    ):
        assert words in plain_text


def test_more_warnings_than_the_page_holds_are_counted():
    with matplotlib.rc_context({"pdf.compression": 0}):
        text = text_of(page([f"Warning number {i}." for i in range(100)]))
    assert "Warning number 3." in text
    assert "Warning number 99." not in text
    assert "more lines, see result.json" in text


@pytest.mark.parametrize("words", ["Doe Jane", "4711", "1950-01-31", "accession A1", "CT Chest", "NATIVE"])
def test_every_page_names_patient_and_study(plain_text, words):
    assert plain_text.count(words) == 2


def test_odd_names_are_written_as_they_are_or_with_question_marks(recwarn):
    with matplotlib.rc_context({"pdf.compression": 0}):
        text = text_of(page([], Subject(patient="$x^2$ \u5c71", study="", series="")))
    assert "$x^2$ ?" in text
    assert not recwarn.list


def test_the_head_is_read_from_the_source():
    header = Dataset()
    header.PatientName, header.PatientID, header.PatientBirthDate = "Doe^Jane=\u5c71", "4711", "19500131"
    header.StudyDate, header.AccessionNumber, header.SeriesNumber = "20240305", "A1", 2
    assert subject_of(header) == Subject("Doe Jane, ID 4711, born 1950-01-31", "2024-03-05, accession A1", "number 2")


def test_a_name_without_letters_is_told_in_its_script():
    header = Dataset()
    header.PatientName = "=\u5c71^\u82b1="
    assert subject_of(header).patient == "\u5c71 \u82b1"


def test_a_header_that_says_nothing_is_told_so():
    assert subject_of(Dataset()).patient == "not given"
