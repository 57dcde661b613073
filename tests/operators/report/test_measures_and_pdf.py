"""The figures for a reader, and the page that shows them."""

import re

import matplotlib
import numpy as np
import pytest
from PIL import Image

from operators.dicom_objects.claims import SourceClaims
from operators.report.comparison import compare
from operators.report.measures import MeasureGroup, Statistic, run_measures
from operators.report.pdf import pdf_report
from tests.written_series import PROVENANCE

SPACING_MM = (0.5, 0.5, 2.0)


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


def page(warnings):
    measures = [MeasureGroup("Syn-CTA", {Statistic.MEAN: 1.0, Statistic.VOLUME: 2.0})]
    return pdf_report(Image.new("RGB", (60, 90)), measures, warnings, PROVENANCE, SourceClaims())


def test_the_page_is_a_pdf_with_the_same_bytes_for_the_same_run():
    assert page(["one"]).startswith(b"%PDF")
    assert page(["one"]) == page(["one"])
    assert page(["one"]) != page(["two"])


def text_of(pdf):
    """Letters of an uncompressed PDF, in the order of drawing, without what kerning puts between them."""
    return b"".join(re.findall(rb"\(((?:[^()\\\\]|\\\\.)*)\)", pdf)).decode("latin-1")


def test_the_page_holds_figures_warnings_and_the_notice():
    with matplotlib.rc_context({"pdf.compression": 0}):
        text = text_of(page(["An odd thing."]))
    for words in ("SYNTHETIC CT angiogram", "not for diagnosis", "Syn-CTA 0.1.0", "An odd thing."):
        assert words in text


def test_more_warnings_than_the_page_holds_are_counted():
    with matplotlib.rc_context({"pdf.compression": 0}):
        text = text_of(page([f"Warning number {i}." for i in range(100)]))
    assert "Warning number 3." in text
    assert "Warning number 99." not in text
    assert "more lines, see result.json" in text
