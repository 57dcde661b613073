"""Companions of a Syn-CTA series: valid, marked as synthetic, and about the right instances."""

import dataclasses
import re
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.datadict import dictionary_has_tag, dictionary_VM
from pydicom.dataset import Dataset

from operators.companions.settings import CompanionSettings
from operators.companions.write import RunContent, write_companions
from operators.dicom_loader.load import load_ncct_series
from operators.dicom_loader.series import NCCTSeries
from operators.dicom_loader.settings import GateAction, InputGates, LoaderSettings
from operators.dicom_objects.settings import UncertaintySettings, WriterSettings
from operators.dicom_writer.image_series import syn_cta, uncertainty_map
from operators.dicom_writer.series_writer import write_series as write_images
from operators.report.comparison import compare
from operators.report.key_pictures import key_pictures
from operators.report.measures import run_measures
from operators.report.vessels import VesselCoverage
from tests.dicom_series import body_hu, dcentvfy_errors, dciodvfy_errors, setting, write_series
from tests.written_series import CREATED, identity_of

pytestmark = pytest.mark.slow

ALL = CompanionSettings(True, True, True, True)
WARNING = "2 file(s) skipped: not DICOM."
LIMIT = "Carotids often stay dark."
VESSELS = [
    VesselCoverage("Descending aorta", 120.0, 111.0, 9.0, 352.0),
    VesselCoverage("Abdominal aorta", 90.0, 0.0, 0.0, None),
]
VESSEL = (slice(-4, -1), slice(15, 20), slice(10, 14))


def write_everything(
    series: NCCTSeries, folder: Path, *, settings=ALL, warnings=(WARNING,), created=CREATED
) -> list[str]:
    """Both image series and the companions of a run that raised a vessel by 300 HU."""
    identity = identity_of(series, created=created)
    synthetic_hu = series.hu.astype(np.float32)
    synthetic_hu[VESSEL] += 300
    uncertainty_hu = np.where(synthetic_hu > 100, 40, 5).astype(np.float32)
    images = write_images(
        synthetic_hu, folder / "syn-cta", series=syn_cta(WriterSettings(), identity.source_contrast), identity=identity
    )
    deviation = uncertainty_map(UncertaintySettings(), "SYNTHETIC", identity.source_contrast)
    deviations = write_images(uncertainty_hu, folder / "uncertainty", series=deviation, identity=identity)
    comparison = compare(series.hu, synthetic_hu, uncertainty_hu)
    content = RunContent(
        syn_cta=images.references,
        uncertainty=deviations.references,
        comparison=comparison,
        measures=run_measures(comparison, series.spacing_mm, VESSELS),
        warnings=list(warnings),
        vessels=VESSELS,
        pictures=key_pictures(series.hu, synthetic_hu, affine_lps=series.affine_lps, comparison=comparison),
        limits=[LIMIT],
    )
    return write_companions(folder / "companions", content, settings=settings, identity=identity)


def read(folder: Path, name: str) -> Dataset:
    return pydicom.dcmread(folder / "companions" / f"{name}.dcm")


def instances(folder: Path) -> list[str]:
    return [str(pydicom.dcmread(path).SOPInstanceUID) for path in sorted(folder.glob("*.dcm"))]


def text_values(item: Dataset) -> list[str]:
    """Every TEXT of a content tree."""
    own = [item.TextValue] if item.get("ValueType") == "TEXT" else []
    return own + [text for child in item.get("ContentSequence", []) for text in text_values(child)]


def numbers(item: Dataset) -> list[float]:
    """Every NUM of a content tree."""
    own = [float(item.MeasuredValueSequence[0].NumericValue)] if item.get("ValueType") == "NUM" else []
    return own + [number for child in item.get("ContentSequence", []) for number in numbers(child)]


def evidence(ds: Dataset) -> set[str]:
    sequences = (ds.get("CurrentRequestedProcedureEvidenceSequence"), ds.get("PertinentOtherEvidenceSequence"))
    return {
        str(instance.ReferencedSOPInstanceUID)
        for sequence in sequences
        for study in sequence or []
        for series in study.ReferencedSeriesSequence
        for instance in series.ReferencedSOPSequence
    }


@pytest.fixture(scope="module")
def series(tmp_path_factory):
    return load_ncct_series(write_series(tmp_path_factory.mktemp("source") / "in"))


@pytest.fixture(scope="module")
def written(series, tmp_path_factory):
    folder = tmp_path_factory.mktemp("written")
    write_everything(series, folder)
    return folder


@pytest.fixture(scope="module")
def companions(written):
    return {path.stem: pydicom.dcmread(path) for path in (written / "companions").iterdir()}


def test_each_companion_is_a_marked_object_of_its_own_series_in_the_study_of_the_source(companions):
    assert len(companions) == 4
    for ds in companions.values():
        assert ds.SyntheticData == "YES"
        assert "synthetic" in ds.SeriesDescription
        assert (ds.StudyInstanceUID, ds.PatientID, ds.AccessionNumber) == ("1.2.3.4", "GEHEIM-4711", "ACC-0815")
        assert ds.PatientName == "Geheim^Patient"
        assert ds.Manufacturer == "Syn-CTA"
        assert ds.ContributingEquipmentSequence[1].PurposeOfReferenceCodeSequence[0].CodeValue == "109100"
    assert len({ds.SeriesInstanceUID for ds in companions.values()}) == 4
    assert sorted(ds.SeriesNumber for ds in companions.values()) == [3003, 4003, 5003, 6003]


def test_the_presentation_state_shows_every_slice_in_the_cta_window_with_its_label(companions, written):
    ds = companions["presentation-state"]
    referenced = ds.ReferencedSeriesSequence[0].ReferencedImageSequence
    assert [image.ReferencedSOPInstanceUID for image in referenced] == instances(written / "syn-cta")
    window = ds.SoftcopyVOILUTSequence[0]
    assert (window.WindowCenter, window.WindowWidth) == (300, 600)
    (annotation,) = ds.GraphicAnnotationSequence
    assert annotation.TextObjectSequence[0].UnformattedTextValue == "SYNTHETIC"
    assert len(annotation.ReferencedImageSequence) == 10
    assert (ds.RescaleIntercept, ds.RescaleSlope) == (-1024, 1)


def test_the_key_object_note_names_slices_with_enhancement(companions, written):
    ds = companions["key-objects"]
    noted = {
        item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID
        for item in ds.ContentSequence
        if item.ValueType == "IMAGE"
    }
    assert noted == evidence(ds)
    assert noted <= set(instances(written / "syn-cta")[6:9])
    assert any("SYNTHETIC" in text for text in text_values(ds))


def test_the_report_holds_the_measures_and_the_warnings(companions, series):
    ds = companions["measurement-report"]
    raised = 3 * 5 * 4
    assert round(raised * np.prod(series.spacing_mm) / 1000, 1) in numbers(ds)
    texts = text_values(ds)
    assert f"Warning: {WARNING}" in texts
    assert any("SYNTHETIC" in text for text in texts)
    assert "Syn-CTA where raised by more than 100 HU" in texts


def test_the_report_tells_what_the_result_shows_of_each_vessel(companions):
    ds = companions["measurement-report"]
    assert "Descending aorta: enhanced over 111 of 120 mm, longest gap 9 mm, 352 HU." in text_values(ds)
    assert "Abdominal aorta: NOT ENHANCED over 90 mm: the result says nothing about it." in text_values(ds)
    assert {111.0, 352.0} <= set(numbers(ds))


def test_the_report_tells_where_not_to_trust_it(companions):
    assert f"Where not to trust it: {LIMIT}" in text_values(companions["measurement-report"])


def test_figures_of_all_voxels_are_no_matter_of_the_report(companions):
    assert not any("all voxels" in text for text in text_values(companions["measurement-report"]))


def test_the_report_is_preliminary_and_observed_by_a_device(companions):
    ds = companions["measurement-report"]
    assert (ds.CompletionFlag, ds.VerificationFlag, ds.PreliminaryFlag) == ("COMPLETE", "UNVERIFIED", "PRELIMINARY")
    observer = next(item for item in ds.ContentSequence if item.ConceptNameCodeSequence[0].CodeValue == "121005")
    assert observer.ConceptCodeSequence[0].CodeMeaning == "Device"


def test_the_report_names_source_and_result_as_evidence(companions, written, series):
    of_source = {str(header.SOPInstanceUID) for header in series.headers}
    of_result = {*instances(written / "syn-cta"), *instances(written / "uncertainty")}
    assert evidence(companions["measurement-report"]) == of_source | of_result


def test_the_pdf_is_a_pdf_about_the_series(companions, written):
    ds = companions["pdf-report"]
    pdf = ds.EncapsulatedDocument[: ds.EncapsulatedDocumentLength]
    assert pdf.startswith(b"%PDF")
    assert pdf.rstrip().endswith(b"%%EOF")
    assert b"CreationDate" not in pdf
    assert [item.ReferencedSOPInstanceUID for item in ds.SourceInstanceSequence] == instances(written / "syn-cta")


@pytest.mark.parametrize("name", [field.name for field in dataclasses.fields(CompanionSettings)])
def test_each_companion_can_be_switched_off(series, tmp_path, name):
    wanted = dataclasses.replace(ALL, **{name: False})
    names = write_everything(series, tmp_path, settings=wanted)
    files = {path.stem.replace("-", "_") for path in (tmp_path / "companions").iterdir()}
    assert files == set(names)
    assert name not in files


def test_without_companions_there_is_no_folder(series, tmp_path):
    assert write_everything(series, tmp_path, settings=CompanionSettings(False, False, False, False)) == []
    assert not (tmp_path / "companions").exists()


def test_the_pdf_says_that_it_names_the_patient(companions):
    assert companions["pdf-report"].BurnedInAnnotation == "YES"


def test_every_companion_names_the_zone_of_the_run(series, tmp_path):
    write_everything(series, tmp_path, created=CREATED.replace(tzinfo=timezone(timedelta(hours=-3))))
    found = [pydicom.dcmread(path).TimezoneOffsetFromUTC for path in (tmp_path / "companions").iterdir()]
    assert found == ["-0300"] * 4


# ---- values ----


def elements(ds: Dataset):
    """All elements of a dataset and of its items."""
    for element in ds:
        yield element
        for item in element.value if element.VR == "SQ" else ():
            yield from elements(item)


def test_attributes_of_one_value_have_one(written):
    several = {
        f"{path.stem}: {element.keyword}"
        for path in written.rglob("*.dcm")
        for element in elements(pydicom.dcmread(path))
        if dictionary_has_tag(element.tag) and dictionary_VM(element.tag) == "1" and element.VM > 1
    }
    assert several == set()


def test_the_window_of_the_presentation_state_is_explained_in_one_word(companions):
    assert companions["presentation-state"].SoftcopyVOILUTSequence[0].WindowCenterWidthExplanation == "CTA"


# ---- texts follow what was found ----

DENIALS = (b"No contrast agent was given", b"no contrast", b"on-contrast")


@pytest.fixture(scope="module")
def enhanced(series, tmp_path_factory):
    folder = tmp_path_factory.mktemp("enhanced")
    write_everything(dataclasses.replace(series, contrast_found=["The header names an agent."]), folder)
    return folder


def test_every_object_of_an_enhanced_source_says_so_in_its_description(enhanced):
    descriptions = {pydicom.dcmread(path).SeriesDescription for path in enhanced.rglob("*.dcm")}
    assert len(descriptions) == 6
    assert all("SOURCE HAS CONTRAST" in description for description in descriptions)


def test_no_object_of_an_enhanced_source_denies_its_contrast(enhanced):
    with_denial = {path.stem for path in enhanced.rglob("*.dcm") for words in DENIALS if words in path.read_bytes()}
    assert with_denial == set()


def test_every_image_of_a_plain_source_denies_contrast(written):
    assert all(b"No contrast agent was given" in path.read_bytes() for path in (written / "syn-cta").iterdir())


# ---- UIDs ----


def all_bytes(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.dcm")}


def test_a_repeat_gives_the_same_bytes_apart_from_times(series, written, tmp_path):
    write_everything(series, tmp_path, created=datetime(2031, 5, 4, 3, 2, 1))
    later = {
        name: re.sub(rb"20310504", b"20240203", re.sub(rb"030201", b"040506", content))
        for name, content in all_bytes(tmp_path).items()
    }
    assert later == all_bytes(written)


def test_another_warning_gives_other_uids_to_what_tells_it_and_none_to_the_images(series, written, tmp_path):
    write_everything(series, tmp_path, settings=dataclasses.replace(ALL, pdf_report=False), warnings=["another"])
    report = "measurement-report"
    assert read(tmp_path, report).SOPInstanceUID != read(written, report).SOPInstanceUID
    assert instances(tmp_path / "syn-cta") == instances(written / "syn-cta")


# ---- validity ----


def _empty_sequences(ds: Dataset, _: int) -> None:
    ds.OtherPatientIDsSequence = []
    ds.RequestAttributesSequence = [Dataset()]
    ds.ProcedureCodeSequence = []


def _japanese(ds: Dataset, _: int) -> None:
    ds.SpecificCharacterSet = ["", "ISO 2022 IR 87"]
    ds.PatientName = "Yamada^Tarou=山田^太郎=やまだ^たろう"
    ds.StudyDescription = "CT 胸部"


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(
            setting(PatientAge="073Y", PatientWeight="70", AdditionalPatientHistory="none"), id="patient study"
        ),
        pytest.param(_empty_sequences, id="empty sequences"),
        pytest.param(_japanese, id="multi-byte names"),
        pytest.param(setting(BodyPartExamined="CHEST", PatientPosition="FFS", PatientID=""), id="feet first, no id"),
        pytest.param(
            setting(StudyDate=None, StudyTime=None, StudyID=None, FrameOfReferenceUID=None), id="little known"
        ),
    ],
)
def test_the_validators_find_no_error_over_source_and_result(tmp_path, edit):
    check_validity(write_series(tmp_path / "in", edit, hu=body_hu(3)), tmp_path / "out")


def check_validity(source: Path, output: Path) -> NCCTSeries:
    series = load_ncct_series(source, LoaderSettings(min_slices=1, gates=InputGates(contrast_header=GateAction.WARN)))
    write_everything(series, output)
    for folder in output.iterdir():
        assert dciodvfy_errors(folder) == []
    of_source = dcentvfy_errors(source)  # faults that the source has by itself
    assert [error for error in dcentvfy_errors(source, output) if error not in of_source] == []
    return series


def test_the_validators_find_no_error_for_frames_of_a_multi_frame_ct(tmp_path, shared_data):
    source = shared_data / "odd" / "enhanced_multiframe" / "dcmqi_legacy_converted_24x38x3" / "multiframe"
    series = check_validity(source, tmp_path / "out")
    for frame, file in enumerate(sorted((tmp_path / "out" / "syn-cta").iterdir())):
        (image,) = pydicom.dcmread(file).SourceImageSequence
        assert image.ReferencedSOPClassUID == series.headers[frame].SOPClassUID
        assert image.ReferencedFrameNumber == frame + 1


def test_the_validators_find_no_error_for_a_real_source(tmp_path, shared_data):
    (tmp_path / "in").mkdir()
    files = (shared_data / "dicom_ncct_chest_LIDC-IDRI-0314").glob("*.dcm")
    height_mm = {file: float(pydicom.dcmread(file, stop_before_pixels=True).ImagePositionPatient[2]) for file in files}
    for file in sorted(height_mm, key=height_mm.get)[:3]:
        (tmp_path / "in" / file.name).symlink_to(file)
    check_validity(tmp_path / "in", tmp_path / "out")


def test_multi_byte_names_stay_intact_in_every_object(tmp_path):
    write_everything(load_ncct_series(write_series(tmp_path / "in", _japanese)), tmp_path / "out")
    for path in (tmp_path / "out").rglob("*.dcm"):
        assert str(pydicom.dcmread(path).PatientName) == "Yamada^Tarou=山田^太郎=やまだ^たろう"
