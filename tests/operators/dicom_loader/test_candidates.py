"""A series that fails its checks gives way to the next, and the result says so."""

import pytest

from operators.dicom_loader.load import load_ncct_series
from operators.dicom_loader.settings import GateAction, InputGates, LoaderSettings
from operators.errors import Reason, Refusal
from tests.dicom_series import body_hu, on_slice, setting, write_series


@pytest.mark.slow
def test_a_doubled_slice_in_the_thin_series_leaves_the_thick_one(tmp_path):
    write_series(tmp_path / "thin", hu=body_hu(20), series="1.2.3.4.6")
    write_series(tmp_path / "again", lambda ds, i: setattr(ds, "SOPInstanceUID", f"1.7.{i}"), series="1.2.3.4.6")
    write_series(tmp_path / "thick", hu=body_hu(8), series="1.2.3.4.7")
    series = load_ncct_series(tmp_path)
    assert len(series.hu) == 8
    assert [(other.slices, other.reason) for other in series.passed_over] == [(20, "ambiguous")]
    assert "failed a check" in series.choice


def test_many_images_of_one_place_are_tried_after_a_short_stack(tmp_path):
    write_series(tmp_path / "ncct", hu=body_hu(8), series="1.2.3.4.6")
    write_series(tmp_path / "bolus", setting(ImagePositionPatient=[0, 0, 0]), hu=body_hu(20), series="1.2.3.4.7")
    assert load_ncct_series(tmp_path).headers[0].SeriesInstanceUID == "1.2.3.4.6"


def test_the_message_speaks_of_the_series_that_was_nearest(tmp_path):
    write_series(tmp_path / "cta", setting(ContrastBolusAgent="APPLIED", SeriesDescription="CTA"), series="1.2.3.4.6")
    write_series(tmp_path / "pre", setting(SeriesDescription="PreMonitoring"), hu=body_hu(1), series="1.2.3.4.7")
    with pytest.raises(Refusal) as refusal:
        load_ncct_series(tmp_path)
    assert refusal.value.reason is Reason.CONTRAST


def test_a_single_image_of_another_orientation_is_a_scout(tmp_path):
    write_series(tmp_path, on_slice(9, ImageOrientationPatient=[1, 0, 0, 0, 0, -1]))
    series = load_ncct_series(tmp_path)
    assert len(series.hu) == 9
    assert any("scout" in warning for warning in series.warnings)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("keyword", "values"),
    [
        ("PatientName", ("Geheim^Patient", "GEHEIM^PATIENT^^^")),
        ("PatientName", ("A^B=山田", "A^B=山田=")),
        ("PatientID", ("4711", "4711 ")),
    ],
)
def test_one_person_spelled_in_two_ways_is_one(tmp_path, keyword, values):
    write_series(tmp_path, lambda ds, i: setattr(ds, keyword, values[i % 2]))
    assert len(load_ncct_series(tmp_path).hu) == len(body_hu())


@pytest.mark.slow
@pytest.mark.parametrize("uid", ["../../etc", "1" * 300, "1.2.3\n4", "abc"])
def test_what_is_no_uid_is_refused(tmp_path, uid):
    with pytest.raises(Refusal) as refusal:
        load_ncct_series(write_series(tmp_path, setting(StudyInstanceUID=uid)))
    assert refusal.value.reason is Reason.CORRUPT


def test_a_derived_primary_series_is_read_with_a_warning(tmp_path):
    series = load_ncct_series(write_series(tmp_path, setting(ImageType=["DERIVED", "PRIMARY", "AXIAL"])))
    assert any("DERIVED" in warning for warning in series.warnings)


def test_an_agent_against_a_description_that_denies_it_passes_where_the_gate_warns(tmp_path):
    write_series(tmp_path, setting(ContrastBolusAgent="Ultravist", SeriesDescription="Thorax o.KM"))
    settings = LoaderSettings(gates=InputGates(contrast_header=GateAction.WARN))
    assert load_ncct_series(tmp_path, settings).contrast_found


def test_a_scan_with_contrast_needs_two_settings(tmp_path):
    write_series(tmp_path, setting(ContrastBolusAgent="Ultravist", SeriesDescription="Thorax"))
    with pytest.raises(Refusal, match="convert_enhanced"):
        load_ncct_series(tmp_path, LoaderSettings(gates=InputGates(contrast_header=GateAction.WARN)))
