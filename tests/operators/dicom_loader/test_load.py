"""The loader on good, awkward and bad series: HU, geometry, choice of the series, refusals with their reason."""

import numpy as np
import pydicom
import pytest
from pydicom.dataelem import DataElement
from pydicom.tag import Tag
from pydicom.uid import RLELossless

from operators.dicom_loader.load import load_ncct_series
from operators.dicom_loader.settings import LoaderSettings, Region
from operators.errors import ExitCode, Reason, Refusal
from tests.dicom_series import (
    COLUMN_SPACING_MM,
    LOSSLESS,
    ORIGIN_MM,
    ROW_SPACING_MM,
    SLICE_SPACING_MM,
    body_hu,
    on_slice,
    setting,
    write_series,
)


def refusal_of(folder, **options) -> Refusal:
    with pytest.raises(Refusal) as caught:
        load_ncct_series(folder, **options)
    return caught.value


# ---- HU ----


def test_unsigned_pixels_give_their_hu(tmp_path):
    assert np.array_equal(load_ncct_series(write_series(tmp_path)).hu, body_hu())


def test_signed_pixels_give_their_hu(tmp_path):
    hu = body_hu()

    def signed(ds, i):
        ds.PixelRepresentation, ds.RescaleIntercept = 1, "0"
        ds.PixelData = hu[i].astype("<i2").tobytes()

    assert np.array_equal(load_ncct_series(write_series(tmp_path, signed)).hu, hu)


def test_a_slope_of_its_own_for_each_slice_is_applied(tmp_path):
    hu = body_hu()

    def sloped(ds, i):
        slope = 0.5 + 0.1 * i
        ds.RescaleSlope, ds.RescaleIntercept = f"{slope:.1f}", "-1024"
        ds.PixelData = np.rint((hu[i] + 1024) / slope).astype("<u2").tobytes()

    assert np.abs(load_ncct_series(write_series(tmp_path, sloped)).hu - hu).max() <= 0.75


def test_monochrome1_does_not_turn_hu_around(tmp_path):
    write_series(tmp_path, setting(PhotometricInterpretation="MONOCHROME1"))
    assert np.array_equal(load_ncct_series(tmp_path).hu, body_hu())


def test_padding_becomes_air(tmp_path):
    hu = body_hu()
    hu[:, :3] = -2000

    def padded(ds, i):
        ds.PixelRepresentation, ds.RescaleIntercept = 1, "0"
        ds.PixelPaddingValue = -2000
        ds.PixelData = hu[i].astype("<i2").tobytes()

    loaded = load_ncct_series(write_series(tmp_path, padded)).hu
    assert (loaded[:, :3] == -1000).all()
    assert np.array_equal(loaded[:, 3:], hu[:, 3:])


@pytest.mark.slow
def test_every_decodable_transfer_syntax_gives_the_same_hu(tmp_path, shared_data):
    folder = shared_data / "odd" / "transfer_syntaxes"
    reference = pydicom.dcmread(folder / "CTImage.dcm")
    # a stack needs positions: the same slice is put at ten of them, each time in another encoding
    lossless = [next(folder.glob(f"*_{name}TransferSyntax_*")) for name in LOSSLESS]
    for i, file in enumerate([folder / "CTImage.dcm", *lossless]):
        ds = pydicom.dcmread(file)
        ds.SOPInstanceUID = f"1.2.{i + 1}"
        ds.ImagePositionPatient[2] = i * 5.0
        ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
        ds.save_as(tmp_path / f"{i}.dcm", little_endian=None, implicit_vr=None)
    expected = reference.pixel_array * 1.0 - 1024
    expected[reference.pixel_array == reference.PixelPaddingValue] = -1000
    # ten times the same slice makes a column of every bone: the image check has no place here
    hu = load_ncct_series(tmp_path, LoaderSettings(enhanced_volume_ml=1e6)).hu
    assert [i for i in range(len(hu)) if not np.array_equal(hu[i], expected)] == []


# ---- geometry ----


def test_affine_takes_the_corner_voxels_to_their_mm(tmp_path):
    series = load_ncct_series(write_series(tmp_path))
    slices, rows, columns = series.hu.shape
    corner = series.affine_lps @ [columns - 1, rows - 1, slices - 1, 1]
    side_mm = np.multiply([columns - 1, rows - 1, slices - 1], [COLUMN_SPACING_MM, ROW_SPACING_MM, SLICE_SPACING_MM])
    assert np.allclose(corner[:3], np.add(ORIGIN_MM, side_mm))
    assert np.allclose(series.affine_ras @ [0, 0, 0, 1], [-ORIGIN_MM[0], -ORIGIN_MM[1], ORIGIN_MM[2], 1])


def test_headers_are_in_the_order_of_the_volume(tmp_path):
    series = load_ncct_series(write_series(tmp_path))
    assert [int(header.InstanceNumber) for header in series.headers] == list(range(1, 11))
    assert np.array_equal(series.hu[:, 0, 0], -900 + np.arange(10))


def test_rounded_positions_are_accepted(tmp_path):
    def rounded(ds, i):
        ds.ImagePositionPatient = [-20.0, -30.0 + 0.01 * (i % 2), round(100 + i * 1.6667, 1)]

    assert load_ncct_series(write_series(tmp_path, rounded)).spacing_mm[2] == pytest.approx(1.6667, abs=0.01)


def test_prone_slices_keep_their_axes(tmp_path):
    series = load_ncct_series(write_series(tmp_path, setting(ImageOrientationPatient=[-1, 0, 0, 0, -1, 0])))
    assert np.allclose(np.diag(series.affine_lps)[:3], [-COLUMN_SPACING_MM, -ROW_SPACING_MM, SLICE_SPACING_MM])


def test_missing_slice_is_refused_with_positions(tmp_path):
    write_series(tmp_path)
    next(tmp_path.glob("006-*")).unlink()  # slice 4, at 108 mm
    refusal = refusal_of(tmp_path)
    assert refusal.reason is Reason.GEOMETRY
    assert "106.00 to 110.00 mm" in refusal.message


def test_missing_slice_of_a_real_series_is_refused(shared_data):
    refusal = refusal_of(shared_data / "odd" / "dicom2nifti_failing" / "sliceincrement_001")
    assert (refusal.exit_code, refusal.reason) == (ExitCode.DATA, Reason.GEOMETRY)
    assert "28.11 to 38.11 mm" in refusal.message


@pytest.mark.parametrize("folder", ["gantry_tilt_phantom_philips", "dicom2nifti_failing/gantrytilting_001"])
def test_gantry_tilt_of_a_real_series_is_refused(shared_data, folder):
    settings = LoaderSettings(regions=(Region.HEAD,))  # one of them is a head phantom
    assert refusal_of(shared_data / "odd" / folder, settings=settings).reason is Reason.GEOMETRY


def test_a_small_gantry_tilt_is_refused(tmp_path):
    def sheared(ds, i):
        ds.ImagePositionPatient = [-20.0, -30.0 + 0.1 * i, 100.0 + 2 * i]

    refusal = refusal_of(write_series(tmp_path, sheared))
    assert refusal.reason is Reason.GEOMETRY
    assert "0.90 mm" in refusal.message


def _uneven(ds, i):
    ds.ImagePositionPatient = [-20, -30, 100 + 2 * i + (0.7 if i == 5 else 0)]


@pytest.mark.slow
@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(_uneven, id="uneven spacing"),
        pytest.param(on_slice(3, ImagePositionPatient=None), id="no position"),
        pytest.param(setting(PixelSpacing=None), id="no spacing"),
        pytest.param(on_slice(3, PixelSpacing=[0.8, 0.8]), id="mixed spacing"),
        pytest.param(on_slice(3, FrameOfReferenceUID="1.9"), id="two frames of reference"),
        pytest.param(on_slice(3, ImageOrientationPatient=[0.99, 0.141, 0, -0.141, 0.99, 0]), id="mixed orientation"),
        pytest.param(on_slice(3, Rows=20), id="mixed matrix"),
        pytest.param(setting(ImageOrientationPatient=[1, 0, 0, 0, 0, -1]), id="coronal"),
        pytest.param(setting(ImageOrientationPatient=[0, 1, 0, 0, 0, -1]), id="sagittal"),
        pytest.param(setting(ImageOrientationPatient=[0, 0, 0, 0, 0, 0]), id="no direction"),
    ],
)
def test_a_stack_that_is_no_axial_volume_is_refused(tmp_path, edit):
    assert refusal_of(write_series(tmp_path, edit)).reason is Reason.GEOMETRY


def test_slices_too_far_apart_are_refused(tmp_path):
    def thick(ds, i):
        ds.ImagePositionPatient = [-20, -30, 100 + 8 * i]

    assert "8.00 mm apart" in refusal_of(write_series(tmp_path, thick)).message


def test_two_acquisitions_at_the_same_positions_are_refused(tmp_path):
    write_series(tmp_path)

    def again(ds, i):
        ds.SOPInstanceUID = f"1.7.{i + 1}"

    write_series(tmp_path / "second", again)
    assert refusal_of(tmp_path).reason is Reason.AMBIGUOUS


def test_the_same_file_twice_is_left_out(tmp_path):
    write_series(tmp_path)
    (tmp_path / "copy").mkdir()
    file = next(tmp_path.glob("*.dcm"))
    (tmp_path / "copy" / file.name).write_bytes(file.read_bytes())
    series = load_ncct_series(tmp_path)
    assert len(series.hu) == 10
    assert series.warnings == ["1 repeated file(s) skipped."]


# ---- choice ----


def test_the_series_with_most_slices_is_chosen_and_the_reason_told(tmp_path):
    write_series(tmp_path / "thick", hu=body_hu(8), series="1.2.3.4.6")
    write_series(tmp_path / "thin", hu=body_hu(12), series="1.2.3.4.7")
    series = load_ncct_series(tmp_path)
    assert len(series.hu) == 12
    assert series.choice.startswith("first of 2 ")


def test_a_soft_kernel_is_chosen_before_a_sharp_one(tmp_path):
    write_series(tmp_path / "1", setting(ConvolutionKernel="B70f"), series="1.2.3.4.6")
    write_series(tmp_path / "2", setting(ConvolutionKernel="B30f"), series="1.2.3.4.7")
    assert load_ncct_series(tmp_path).headers[0].SeriesInstanceUID == "1.2.3.4.7"


def test_of_several_kernels_the_first_counts(tmp_path):
    write_series(tmp_path / "1", setting(ConvolutionKernel=["B70f", "1"]), series="1.2.3.4.6")
    write_series(tmp_path / "2", setting(ConvolutionKernel=["B30f", "3"]), series="1.2.3.4.7")
    assert load_ncct_series(tmp_path).headers[0].SeriesInstanceUID == "1.2.3.4.7"


def test_a_series_named_by_the_user_is_taken(tmp_path):
    write_series(tmp_path / "thick", hu=body_hu(8), series="1.2.3.4.6")
    write_series(tmp_path / "thin", hu=body_hu(12), series="1.2.3.4.7")
    series = load_ncct_series(tmp_path, series_uid="1.2.3.4.6")
    assert (len(series.hu), series.choice) == (8, "named by the user")


def test_a_contrast_series_beside_the_ncct_is_passed_over(tmp_path):
    write_series(tmp_path / "cta", setting(SeriesDescription="CTA"), hu=body_hu(20), series="1.2.3.4.6")
    write_series(tmp_path / "ncct", series="1.2.3.4.7")
    series = load_ncct_series(tmp_path)
    assert len(series.hu) == 10
    assert series.excluded == {"contrast": 1}


def test_a_localizer_inside_the_series_is_dropped(tmp_path):
    write_series(tmp_path, on_slice(9, ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"]))
    series = load_ncct_series(tmp_path)
    assert len(series.hu) == 9
    assert series.warnings == ["1 localizer image(s) in the series skipped."]


def test_a_series_that_is_not_there_is_no_input(tmp_path):
    refusal = refusal_of(write_series(tmp_path), series_uid="9.9.9")
    assert (refusal.exit_code, refusal.reason) == (ExitCode.NO_INPUT, Reason.SERIES_NOT_FOUND)


def test_localizers_alone_are_no_input(shared_data):
    assert refusal_of(shared_data / "odd" / "localizer").exit_code is ExitCode.NO_INPUT


# ---- what must not be converted ----


@pytest.mark.slow
@pytest.mark.parametrize(
    "folder",
    [
        "dicom_cect_abdomen_CRLM-CT-1006",
        "dicom_cect_abdomen_j2k_TotalSegmentator",
        "dicom_cect_arterial_KiTS-00072",
        "dicom_cta_pulmonary_RIDER-Pilot-0117",
    ],
)
def test_real_contrast_series_are_refused(shared_data, folder):
    refusal = refusal_of(shared_data / folder)
    assert (refusal.exit_code, refusal.reason) == (ExitCode.DATA, Reason.CONTRAST)


@pytest.mark.slow
def test_real_non_contrast_series_is_read(shared_data):
    series = load_ncct_series(shared_data / "dicom_ncct_chest_LIDC-IDRI-0314")
    assert series.hu.shape == (48, 512, 512)
    assert series.spacing_mm == pytest.approx((0.78125, 0.78125, 1.0))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        pytest.param(setting(SyntheticData="YES"), Reason.DERIVED, id="synthetic"),
        pytest.param(setting(ImageType=["DERIVED", "SECONDARY", "AXIAL"]), Reason.DERIVED, id="derived"),
        pytest.param(setting(ContrastBolusAgent="APPLIED"), Reason.CONTRAST, id="agent"),
        pytest.param(setting(RescaleSlope=None), Reason.NOT_HU, id="no slope"),
        pytest.param(setting(RescaleIntercept=None), Reason.NOT_HU, id="no intercept"),
        pytest.param(on_slice(2, RescaleSlope="0"), Reason.NOT_HU, id="slope 0"),
        pytest.param(setting(RescaleType="Z_EFF"), Reason.NOT_HU, id="another quantity"),
        pytest.param(on_slice(2, PatientID="OTHER"), Reason.IDENTITY, id="two patients"),
        pytest.param(on_slice(2, StudyInstanceUID="1.8"), Reason.IDENTITY, id="two studies in a series"),
        pytest.param(on_slice(2, SOPInstanceUID=""), Reason.CORRUPT, id="no instance UID"),
        pytest.param(on_slice(2, PixelData=None), Reason.CORRUPT, id="no pixels"),
        pytest.param(on_slice(2, PixelData=b"\0" * 100), Reason.CORRUPT, id="pixels cut short"),
        pytest.param(on_slice(2, SeriesInstanceUID=""), Reason.CORRUPT, id="slice without series"),
    ],
)
def test_a_series_that_must_not_be_converted_is_refused(tmp_path, edit, reason):
    refusal = refusal_of(write_series(tmp_path, edit))
    assert (refusal.exit_code, refusal.reason) == (ExitCode.DATA, reason)


def test_two_studies_are_refused(tmp_path):
    write_series(tmp_path / "1", study="1.2.3.4", series="1.2.3.4.6")
    write_series(tmp_path / "2", study="1.2.3.5", series="1.2.3.5.6")
    assert refusal_of(tmp_path).reason is Reason.IDENTITY


def test_a_file_cut_in_its_header_spoils_the_series(tmp_path):
    write_series(tmp_path)
    file = next(tmp_path.glob("*.dcm"))
    (tmp_path / "cut").write_bytes(file.read_bytes()[:140])
    assert refusal_of(tmp_path).reason is Reason.CORRUPT


def test_a_compressed_slice_cut_short_is_corrupt(tmp_path):
    def cut(ds, i):
        ds.compress(RLELossless, generate_instance_uid=False)
        if i == 4:
            ds.PixelData = ds.PixelData[:-600]

    assert refusal_of(write_series(tmp_path, cut)).reason is Reason.CORRUPT


def test_too_few_slices_are_refused(tmp_path):
    refusal = refusal_of(write_series(tmp_path, hu=body_hu(7)))
    assert refusal.reason is Reason.TOO_FEW_SLICES
    assert load_ncct_series(tmp_path, LoaderSettings(min_slices=7)).hu.shape[0] == 7


@pytest.mark.slow
@pytest.mark.parametrize("name", ["JPEGProcess2_4", "JPEGProcess10_12"])
def test_an_unknown_codec_is_refused_by_its_name(tmp_path, shared_data, name):
    (source,) = (shared_data / "odd" / "transfer_syntaxes").glob(f"*{name}Transfer*")
    for i in range(8):
        ds = pydicom.dcmread(source)
        ds.SOPInstanceUID, ds.ImageType = f"1.2.{i + 1}", ["ORIGINAL", "PRIMARY", "AXIAL"]
        ds.ImagePositionPatient[2] = 5.0 * i
        ds.save_as(tmp_path / f"{i}.dcm")
    refusal = refusal_of(tmp_path)
    assert refusal.reason is Reason.UNSUPPORTED_CODEC
    assert ds.file_meta.TransferSyntaxUID.name in refusal.message


def test_unreadable_values_in_other_attributes_do_no_harm(tmp_path):
    write_series(tmp_path, setting(PatientWeight="70.5"))
    for file in tmp_path.iterdir():
        file.write_bytes(file.read_bytes().replace(b"70.5", b"fat.").replace(b"19500101", b"31.01.50"))
    assert len(load_ncct_series(tmp_path).hu) == 10


def test_messages_hold_no_uid_and_no_path(tmp_path):
    write_series(tmp_path)
    for options in ({"series_uid": "9.9.9.77"}, {"settings": LoaderSettings(min_slices=99)}):
        message = refusal_of(tmp_path, **options).message
        assert "9.9.9.77" not in message
        assert str(tmp_path) not in message


@pytest.mark.slow
@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("ImageOrientationPatient", "1"),
        ("ImagePositionPatient", "1\\2\\3\\4"),
        ("PixelSpacing", "1"),
        ("SliceThickness", "1\\2"),
        ("RescaleSlope", "nan"),
        ("RescaleIntercept", "inf"),
    ],
)
def test_numbers_that_are_none_or_too_many_are_refused_or_left_out(tmp_path, keyword, value):
    def spoil(ds, _):
        del ds[keyword]
        ds.add(DataElement(Tag(keyword), "DS", value.split("\\"), already_converted=True))

    try:
        series = load_ncct_series(write_series(tmp_path, spoil))
    except Refusal as refusal:
        assert refusal.exit_code is ExitCode.DATA
    else:
        assert np.isfinite(series.hu).all()
