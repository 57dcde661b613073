"""Written Syn-CTA series: valid, marked as synthetic, beside their source, with deterministic UIDs."""

import dataclasses
from datetime import datetime, timedelta, timezone
from functools import partial
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, JPEGLSLossless, JPEGLSNearLossless, RLELossless

from operators.dicom_loader.load import load_ncct_series
from operators.dicom_loader.series import NCCTSeries
from operators.dicom_loader.settings import LoaderSettings
from operators.dicom_objects.settings import Compression, WriterSettings
from operators.dicom_writer.overlay import label_bits
from operators.errors import Reason, Refusal
from tests.dicom_series import body_hu, dciodvfy_errors, on_slice, setting, write_series
from tests.written_series import CREATED, PROVENANCE, write_syn_cta

SLICES = 4


def source_in(folder: Path, edit=None, *, hu=None) -> NCCTSeries:
    """A short source series with an edit, loaded."""
    write_series(folder / "in", edit, hu=body_hu(SLICES) if hu is None else hu)
    return load_ncct_series(folder / "in", LoaderSettings(min_slices=1))


def synthetic_of(folder: Path, source_edit=None, *, hu=None, **options) -> list[pydicom.FileDataset]:
    """Source series with an edit -> written series with 200 HU more everywhere, read back in slice order."""
    source = source_in(folder, source_edit, hu=hu)
    return [pydicom.dcmread(path) for path in write_syn_cta(source, source.hu + 200, folder / "out", **options).paths]


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return synthetic_of(tmp_path_factory.mktemp("written"))


def test_one_slice_for_each_source_slice_with_its_pixels(written):
    assert len(written) == SLICES
    for ds, hu in zip(written, body_hu(SLICES), strict=True):
        assert np.array_equal(ds.pixel_array * ds.RescaleSlope + ds.RescaleIntercept, hu + 200.0)


def test_geometry_and_identity_are_those_of_the_source(written):
    for i, ds in enumerate(written):
        assert ds.ImagePositionPatient == [-20, -30, 100 + 2 * i]
        assert ds.ImageOrientationPatient == [1, 0, 0, 0, 1, 0]
        assert ds.PixelSpacing == [0.9, 0.7]
        assert (ds.Rows, ds.Columns) == (40, 48)
        assert ds.StudyInstanceUID == "1.2.3.4"
        assert ds.FrameOfReferenceUID == "1.2.3.4.99"
        assert ds.PatientPosition == "HFS"
        assert ds.PatientName == "Geheim^Patient"
        assert ds.AccessionNumber == "ACC-0815"
        assert ds.InstanceNumber == i + 1


def test_every_object_says_that_it_is_synthetic(written):
    for ds in written:
        assert ds.SyntheticData == "YES"
        assert ds.ImageType == ["DERIVED", "SECONDARY", "AXIAL", "SYNTHETIC"]
        assert ds.ContentQualification == "RESEARCH"
        assert ds.BurnedInAnnotation == "NO"
        assert "SYNTHETIC" in ds.ImageComments
        assert ds.SeriesDescription == "Syn-CTA (AI synthetic, no contrast)"


@pytest.mark.parametrize("edit", [setting, partial(on_slice, 2)], ids=["every slice", "one slice"])
def test_what_is_burnt_into_the_source_is_said_to_be_in_every_object(tmp_path, edit):
    for ds in synthetic_of(tmp_path, edit(BurnedInAnnotation="YES")):
        assert ds.BurnedInAnnotation == "YES"


def test_derivation_points_to_the_very_source_slice(written):
    for i, ds in enumerate(written):
        (source,) = ds.SourceImageSequence
        assert source.ReferencedSOPInstanceUID == f"1.2.3.4.5.{i + 1}"
        assert source.SpatialLocationsPreserved == "YES"
        assert source.PurposeOfReferenceCodeSequence[0].CodeValue == "121322"
        assert ds.DerivationCodeSequence[0].CodeValue == "123110"
        assert ds.DerivationDescription


def test_equipment_is_ours_and_the_scanner_is_named_as_contributor(written):
    ds = written[0]
    assert (ds.Manufacturer, ds.ManufacturerModelName) == ("Syn-CTA", "Syn-CTA")
    scanner, synthesiser = ds.ContributingEquipmentSequence
    assert scanner.Manufacturer == "Scanner Works"
    assert scanner.PurposeOfReferenceCodeSequence[0].CodeValue == "109101"
    assert synthesiser.PurposeOfReferenceCodeSequence[0].CodeValue == "109100"
    assert "a" * 64 in synthesiser.ContributionDescription
    assert synthesiser.DeviceUID == ds.DeviceUID


def test_device_uid_changes_with_the_weights(written, tmp_path):
    other = synthetic_of(tmp_path, provenance=dataclasses.replace(PROVENANCE, weights_sha256="b" * 64))
    assert other[0].DeviceUID != written[0].DeviceUID


def test_pixels_are_16_bit_hu_in_explicit_little_endian(written):
    ds = written[0]
    assert ds.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert (ds.BitsAllocated, ds.BitsStored, ds.HighBit) == (16, 16, 15)
    assert (ds.RescaleSlope, ds.RescaleIntercept, ds.RescaleType) == (1, -1024, "HU")
    assert (list(ds.WindowCenter), list(ds.WindowWidth)) == ([300, 40], [600, 400])


def test_contrast_dose_kernel_and_private_attributes_are_dropped(tmp_path):
    def burden(ds, _):
        ds.ContrastBolusAgent = "NONE"
        ds.CTDIvol = 12.5
        ds.PixelPaddingValue = 0
        ds.private_block(0x0009, "VENDOR", create=True).add_new(1, "LO", "hidden")

    for ds in synthetic_of(tmp_path, burden):
        for keyword in ("ContrastBolusAgent", "CTDIvol", "Exposure", "ConvolutionKernel", "PixelPaddingValue"):
            assert keyword not in ds
        assert not any(element.tag.is_private for element in ds)


def test_values_far_outside_the_window_survive(tmp_path):
    hu = body_hu(SLICES)
    hu[:, 1, 1:4] = [-1024, 3071, 20000]
    stored = synthetic_of(tmp_path, hu=hu)[0]
    assert list(stored.pixel_array[1, 1:4] - 1024) == [-824, 3271, 20200]


def test_the_label_is_an_overlay_that_leaves_pixels_alone(written):
    ds = written[0]
    label = ds.overlay_array(0x6000)
    assert 0 < label.sum() < 0.2 * label.size
    assert not label[:30].any()  # at the lower edge
    assert ds[0x6000, 0x1500].value == "SYNTHETIC"
    assert label_bits("SYNTHETIC", 40, 48) == ds[0x6000, 0x3000].value


def test_the_label_can_be_switched_off(tmp_path):
    ds = synthetic_of(tmp_path, settings=WriterSettings(overlay_label=""))[0]
    assert not any(element.tag.group == 0x6000 for element in ds)


# ---- compression ----


@pytest.fixture(scope="module", params=[(Compression.JPEG_LS, JPEGLSLossless), (Compression.RLE, RLELossless)])
def compressed(request, tmp_path_factory):
    compression, syntax = request.param
    folder = tmp_path_factory.mktemp(compression)
    hu = body_hu(SLICES)
    hu[:, 1, 1:4] = [-1024, 3071, 20000]
    source_edit = setting(LossyImageCompression="00")
    return (
        folder,
        syntax,
        hu,
        synthetic_of(folder, source_edit, hu=hu, settings=WriterSettings(compression=compression)),
    )


def test_compressed_pixels_are_the_same_to_the_last_bit(compressed):
    _, _, source_hu, written = compressed
    for ds, hu in zip(written, source_hu, strict=True):
        assert np.array_equal(ds.pixel_array - 1024, hu + 200)


def test_compressed_objects_name_their_syntax_and_stay_lossless(compressed):
    _, syntax, _, written = compressed
    for ds in written:
        assert ds.file_meta.TransferSyntaxUID == syntax
        assert ds.LossyImageCompression == "00"
        assert "LossyImageCompressionMethod" not in ds
        assert ds.SOPInstanceUID == ds.file_meta.MediaStorageSOPInstanceUID


def test_dciodvfy_finds_no_error_in_compressed_objects(compressed):
    assert dciodvfy_errors(compressed[0] / "out") == []


def test_what_a_lossy_source_lost_is_still_told_after_lossless_compression(tmp_path):
    lossy = setting(LossyImageCompression="01", LossyImageCompressionRatio="10")
    ds = synthetic_of(tmp_path, lossy, settings=WriterSettings(compression=Compression.JPEG_LS))[0]
    assert (ds.LossyImageCompression, ds.LossyImageCompressionRatio) == ("01", 10)


def in_near_lossless_jpeg_ls(ds: Dataset, _: int) -> None:
    ds.compress(JPEGLSNearLossless, jls_error=2, generate_instance_uid=False)


@pytest.mark.slow
def test_a_source_that_is_stored_with_loss_and_does_not_say_so_gives_a_result_that_does(tmp_path):
    for ds in synthetic_of(tmp_path, in_near_lossless_jpeg_ls):
        assert ds.LossyImageCompression == "01"
    assert dciodvfy_errors(tmp_path / "out") == []


# ---- UIDs ----


def uids(objects: list[Dataset]) -> list[str]:
    return [str(ds.SOPInstanceUID) for ds in objects] + [str(objects[0].SeriesInstanceUID)]


def test_a_repeat_gives_the_same_uids(written, tmp_path):
    assert uids(synthetic_of(tmp_path)) == uids(written)


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        {"weights_sha256": "b" * 64},
        {"application_version": "0.1.1"},
        {"config_sha256": "d" * 64},
        {"scripts_sha256": "f" * 64},
        {"device": "cuda"},
        {"amp": True},
    ],
    ids=lambda change: next(iter(change)),
)
def test_another_maker_gives_other_uids(written, tmp_path, change):
    other = synthetic_of(tmp_path, provenance=dataclasses.replace(PROVENANCE, **change))
    assert not set(uids(other)) & set(uids(written))


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [{"overlay_label": "AI"}, {"compression": Compression.RLE}, {"series_number_offset": 1}],
    ids=lambda change: next(iter(change)),
)
def test_another_setting_gives_other_uids(written, tmp_path, change):
    other = synthetic_of(tmp_path, settings=WriterSettings(**change))
    assert not set(uids(other)) & set(uids(written))


@pytest.mark.slow
@pytest.mark.parametrize("keyword", ["PatientName", "PatientID", "AccessionNumber"])
def test_a_corrected_patient_or_study_gives_other_uids(written, tmp_path, keyword):
    other = synthetic_of(tmp_path, setting(**{keyword: "Corrected"}))
    assert not set(uids(other)) & set(uids(written))


def test_one_other_voxel_gives_other_uids(written, tmp_path):
    source = source_in(tmp_path)
    synthetic_hu = source.hu + 200
    synthetic_hu[2, 20, 20] += 1
    other = [pydicom.dcmread(path) for path in write_syn_cta(source, synthetic_hu, tmp_path / "out").paths]
    assert not set(uids(other)) & set(uids(written))


def test_a_repeat_gives_the_same_bytes_apart_from_times(tmp_path):
    source = source_in(tmp_path)
    first, second, later = (
        [path.read_bytes() for path in write_syn_cta(source, source.hu, tmp_path / name, created=created).paths]
        for name, created in (("a", CREATED), ("b", CREATED), ("c", datetime(2031, 5, 4, 3, 2, 1)))
    )
    assert first == second
    for file, other in zip(first, later, strict=True):
        assert file.replace(b"20240203", b"20310504").replace(b"040506", b"030201") == other


def test_uids_are_unique_and_of_the_uuid_form(written):
    assert len(set(uids(written))) == SLICES + 1
    assert all(uid.startswith("2.25.") and len(uid) <= 44 for uid in uids(written))


# ---- faults and oddities of sources ----


def test_names_in_other_alphabets_stay_intact(tmp_path):
    def chinese(ds, _):
        ds.SpecificCharacterSet = "GB18030"
        ds.PatientName = "Wang^XiaoDong=王^小东"

    ds = synthetic_of(tmp_path, chinese)[0]
    assert str(ds.PatientName) == "Wang^XiaoDong=王^小东"
    assert ds.SpecificCharacterSet == "GB18030"


def test_names_with_code_extensions_stay_intact(tmp_path):
    def japanese(ds, _):
        ds.SpecificCharacterSet = ["", "ISO 2022 IR 87"]
        ds.PatientName = "Yamada^Tarou=山田^太郎"

    assert str(synthetic_of(tmp_path, japanese)[0].PatientName) == "Yamada^Tarou=山田^太郎"


def _faults(ds: Dataset, _: int) -> None:
    ds.OtherPatientIDsSequence = []
    ds.PatientID = ""
    ds.PatientSex = "F"
    ds.PatientAge = "049Y"
    ds.RequestAttributesSequence = [Dataset()]
    ds.ImagePositionPatient = ["-20.00000000000001", "-30", str(ds.ImagePositionPatient[2])]


def test_faults_of_the_source_do_not_reach_the_result(tmp_path):
    source = write_series(tmp_path / "in", _faults, hu=body_hu(SLICES))
    for file in source.iterdir():
        file.write_bytes(file.read_bytes().replace(b"049Y", b"49 Y").replace(b"19500101", b"31.01.50"))
    series = load_ncct_series(source, LoaderSettings(min_slices=1))
    write_syn_cta(series, series.hu, tmp_path / "out")
    assert dciodvfy_errors(tmp_path / "out") == []


def test_usable_instance_numbers_are_those_of_the_source(tmp_path):
    def downwards(ds, i):
        ds.InstanceNumber = 100 - i

    assert [ds.InstanceNumber for ds in synthetic_of(tmp_path, downwards)] == list(range(100, 100 - SLICES, -1))


def test_useless_instance_numbers_are_replaced(tmp_path):
    assert [ds.InstanceNumber for ds in synthetic_of(tmp_path, setting(InstanceNumber=1))] == list(range(1, SLICES + 1))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "written"), [(3, 1003), (None, 1000), (-5000, 1000), (2**31 - 1, 1000), (2**31 - 1001, 2**31 - 1)]
)
def test_the_series_number_follows_the_source_where_that_leaves_room(tmp_path, source, written):
    assert synthetic_of(tmp_path, setting(SeriesNumber=source))[0].SeriesNumber == written


@pytest.mark.slow
@pytest.mark.parametrize(("offset", "written"), [(2**31 - 1, 2**31 - 1), (2**31, 1), (0, 3)])
def test_any_offset_of_the_site_gives_a_valid_series_number(tmp_path, offset, written):
    settings = WriterSettings(series_number_offset=offset)
    assert synthetic_of(tmp_path, settings=settings)[0].SeriesNumber == written


def test_numbers_beyond_32_bits_do_not_reach_the_result(tmp_path):
    def large(ds, i):
        ds.SeriesNumber = ds.AcquisitionNumber = 1111111110
        ds.InstanceNumber = 1111111110 + i

    source = write_series(tmp_path / "in", large, hu=body_hu(SLICES))
    for file in source.iterdir():
        file.write_bytes(file.read_bytes().replace(b"111111111", b"999999999"))
    series = load_ncct_series(source, LoaderSettings(min_slices=1))
    for i, path in enumerate(write_syn_cta(series, series.hu, tmp_path / "out").paths, start=1):
        ds = pydicom.dcmread(path)
        assert (ds.SeriesNumber, ds.AcquisitionNumber, ds.InstanceNumber) == (1000, None, i)


def test_text_that_is_too_long_stays_as_it_is(tmp_path):
    name, number = "a" * 70, "4711" * 20
    for ds in synthetic_of(tmp_path, setting(StudyDescription=name, PatientID=number)):
        assert (ds.StudyDescription, ds.PatientID) == (name, number)


def test_a_source_without_frame_of_reference_gets_one(tmp_path):
    frames = {ds.FrameOfReferenceUID for ds in synthetic_of(tmp_path, setting(FrameOfReferenceUID=None))}
    assert len(frames) == 1
    assert frames.pop().startswith("2.25.")


def test_a_value_that_is_no_number_is_refused(tmp_path):
    series = source_in(tmp_path)
    synthetic_hu = series.hu.astype(np.float32)
    synthetic_hu[2, 3, 3] = np.nan
    with pytest.raises(Refusal) as refusal:
        write_syn_cta(series, synthetic_hu, tmp_path / "out")
    assert refusal.value.reason is Reason.INVALID_RESULT


# ---- time zone ----


def test_dates_and_times_of_a_run_with_a_zone_are_told_in_it(tmp_path):
    created = datetime(2024, 2, 3, 23, 5, 6, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    ds = synthetic_of(tmp_path, created=created)[0]
    assert ds.TimezoneOffsetFromUTC == "+0530"
    for kind in ("Series", "Content", "InstanceCreation"):
        assert (ds[f"{kind}Date"].value, ds[f"{kind}Time"].value) == ("20240203", "230506")


def test_a_run_without_a_zone_names_none(written):
    assert "TimezoneOffsetFromUTC" not in written[0]


# ---- validity ----


@pytest.mark.slow
@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(None, id="plain"),
        pytest.param(setting(PatientPosition="FFS"), id="feet first"),
        pytest.param(on_slice(0, SliceThickness=None), id="no thickness"),
        pytest.param(setting(LossyImageCompression="01", LossyImageCompressionRatio="10"), id="lossy source"),
        pytest.param(setting(Manufacturer="", ManufacturerModelName=None), id="unknown scanner"),
        pytest.param(setting(BodyPartExamined="CHEST", Laterality=""), id="laterality"),
        pytest.param(setting(SpecificCharacterSet=None), id="default character set"),
        pytest.param(setting(BurnedInAnnotation="YES"), id="burnt-in text"),
    ],
)
def test_dciodvfy_finds_no_error(tmp_path, edit):
    synthetic_of(tmp_path, edit)
    assert dciodvfy_errors(tmp_path / "out") == []


def test_dciodvfy_does_find_errors(tmp_path):
    ds = synthetic_of(tmp_path)[0]
    del ds.ImagePositionPatient
    ds.save_as(tmp_path / "out" / "0001.dcm")
    assert dciodvfy_errors(tmp_path / "out") != []


def test_limits_of_the_loader_do_not_bind_the_writer(tmp_path):
    series = load_ncct_series(write_series(tmp_path / "in", hu=body_hu(2)), LoaderSettings(min_slices=1))
    assert len(write_syn_cta(series, series.hu, tmp_path / "out").paths) == 2
