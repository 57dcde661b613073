"""Which part of the body a series shows."""

import numpy as np
import pytest
from pydicom.dataset import Dataset

from cohorts.phantom import generate_patient
from operators.dicom_loader.anatomy import regions_in_header, skull_share
from operators.dicom_loader.load import load_ncct_series
from operators.dicom_loader.metal import metal_ml
from operators.dicom_loader.settings import Region


def header(**values: object) -> Dataset:
    ds = Dataset()
    for keyword, value in values.items():
        setattr(ds, keyword, value)
    return ds


@pytest.mark.parametrize(
    ("body_part", "regions"),
    [
        ("CHEST", {Region.CHEST}),
        ("HEADNECK", {Region.HEAD, Region.NECK}),
        ("CHESTABDPELVIS", {Region.CHEST, Region.ABDOMEN, Region.PELVIS}),
        ("CSPINE", {Region.NECK}),
        ("BRAIN", {Region.HEAD}),
        ("ORBITSELLA", {Region.HEAD}),
        ("LOW_EXM", {Region.LEG}),
        ("SHOULDER", {Region.ARM}),
        ("UPPERLIMB", {Region.ARM}),
        ("LOWEREXTREMITY", {Region.LEG}),
        ("PARTIALBODY", set()),
    ],
)
def test_the_body_part_names_regions(body_part, regions):
    assert regions_in_header(header(BodyPartExamined=body_part, SeriesDescription="KNEE")) >= regions


def test_descriptions_speak_where_the_body_part_is_empty():
    assert regions_in_header(header(SeriesDescription="Knie rechts", StudyDescription="CT KNEE R")) == {Region.LEG}


def test_a_coded_region_counts_as_body_part():
    code = header(CodeValue="12738006", CodingSchemeDesignator="SCT", CodeMeaning="Brain")
    assert regions_in_header(header(AnatomicRegionSequence=[code], StudyDescription="CHEST")) == {Region.HEAD}


@pytest.mark.parametrize("words", ["", "B30f 1.0", "FAHEADER", "CHARM", "EARLY PHASE", "TOEPLITZ"])
def test_other_words_name_none(words):
    assert regions_in_header(header(SeriesDescription=words)) == set()


@pytest.mark.slow
@pytest.mark.parametrize("region", ["neck", "chest", "abdomen"])
def test_phantoms_of_trained_regions_are_no_heads_and_hold_no_metal(region):
    spacing_mm = (1.5, 1.5, 5.0)
    hu = generate_patient(3, region, slices=8, matrix=256, spacing_mm=spacing_mm).ncct_hu
    assert skull_share(hu, spacing_mm) == 0
    assert metal_ml(hu, spacing_mm) == 0


@pytest.mark.slow
def test_the_real_chest_is_no_head_and_holds_no_metal(shared_data):
    series = load_ncct_series(shared_data / "dicom_ncct_chest_LIDC-IDRI-0314")
    assert skull_share(series.hu, series.spacing_mm) == 0
    assert metal_ml(series.hu, series.spacing_mm) == 0


def test_metal_is_measured_in_ml():
    hu = np.zeros((10, 20, 20), dtype=np.int16)
    hu[:5, :10, :10] = 3071
    assert metal_ml(hu, (1.0, 1.0, 2.0)) == pytest.approx(1.0)
