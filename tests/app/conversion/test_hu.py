"""HU as the real app reads them: the written series is the source's HU plus the stand-in bundle's constant."""

from pathlib import Path

import numpy as np
import pydicom
import pytest

from tests.dicom_series import LOSSLESS, body_hu, setting, write_series
from tests.multi_frame import enhanced_ct, legacy_converted_ct, write_object

pytestmark = pytest.mark.slow

NCCT = "dicom_ncct_chest_LIDC-IDRI-0314"
ENHANCED = "odd/enhanced_multiframe/dcmqi_legacy_converted_24x38x3"
LOSSY = {"JPEG2000": 2, "JPEGLSLossy": 2, "JPEGProcess1": 33}
"""Median error in HU; the last one has 8 bits, 32 HU each."""
UNDECODABLE = ("JPEGProcess2_4", "JPEGProcess6_8", "JPEGProcess10_12")
ANY_STACK = {"min_slices": 1, "enhanced_volume_ml": 1e6}
LENIENT = {"gates": {"contrast_image": "warn"}}


def _signed(ds, i):
    ds.PixelRepresentation, ds.RescaleIntercept = 1, "0"
    ds.PixelData = body_hu()[i].astype("<i2").tobytes()


def _signed_padded(ds, i):
    _signed(ds, i)
    hu = body_hu()[i]
    hu[:3] = -2000
    ds.PixelPaddingValue = -2000
    ds.PixelData = hu.astype("<i2").tobytes()


def _padding_range(ds, i):
    stored = body_hu()[i].astype(np.uint16) + 1024
    stored[:2], stored[2] = 60000, 60005
    ds.PixelPaddingValue, ds.PixelPaddingRangeLimit = 60000, 60010
    ds.PixelData = stored.astype("<u2").tobytes()


def _sloped(ds, i):
    slope = 0.5 + 0.1 * i
    ds.RescaleSlope = f"{slope:.1f}"
    ds.PixelData = np.rint((body_hu()[i] + 1024) / slope).astype("<u2").tobytes()


def test_signed_values(app, tmp_path):
    assert np.array_equal(app(write_series(tmp_path / "in", _signed)).source_hu, body_hu())


def test_unsigned_values(app, tmp_path):
    assert np.array_equal(app(write_series(tmp_path / "in")).source_hu, body_hu())


def test_monochrome1_turns_the_display_not_the_hu(app, tmp_path):
    run = app(write_series(tmp_path / "in", setting(PhotometricInterpretation="MONOCHROME1")))
    assert np.array_equal(run.source_hu, body_hu())


def test_a_slope_of_its_own_for_each_slice(app, tmp_path):
    hu = app(write_series(tmp_path / "in", _sloped)).source_hu
    assert np.abs(hu - body_hu()).max() <= 0.75 + 0.5  # both roundings


@pytest.mark.parametrize("edit", [_signed_padded, _padding_range])
def test_padding_is_air(app, tmp_path, edit):
    hu = app(write_series(tmp_path / "in", edit)).source_hu
    assert (hu[:, :3] == -1000).all()
    assert np.array_equal(hu[:, 3:], body_hu()[:, 3:])


def test_values_beyond_16_bits_are_no_overflow(app, tmp_path):
    def bright(ds, i):
        stored = body_hu()[i].astype(np.uint16) + 1024
        stored[20, 20] = 65000
        ds.PixelData = stored.astype("<u2").tobytes()

    hu = app(write_series(tmp_path / "in", bright)).source_hu
    assert hu[0, 20, 20] > 31000  # the largest that a written slice holds
    hu[:, 20, 20] = body_hu()[:, 20, 20]
    assert np.array_equal(hu, body_hu())


# ---- transfer syntaxes ----


def encodings(shared_data: Path, names: tuple[str, ...], folder: Path) -> Path:
    """One real slice at a place of its own in each of some encodings."""
    folder.mkdir()
    for i, name in enumerate(names):
        (file,) = (shared_data / "odd" / "transfer_syntaxes").glob(f"*_{name}TransferSyntax_*")
        ds = pydicom.dcmread(file)
        ds.SOPInstanceUID = f"1.2.{i + 1}"
        ds.ImagePositionPatient[2] = i * 5.0
        ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
        ds.save_as(folder / f"{i}.dcm", little_endian=None, implicit_vr=None)
    return folder


def reference_hu(shared_data: Path) -> np.ndarray:
    ds = pydicom.dcmread(shared_data / "odd" / "transfer_syntaxes" / "CTImage.dcm")
    hu = ds.pixel_array * float(ds.RescaleSlope) + float(ds.RescaleIntercept)
    hu[ds.pixel_array == ds.PixelPaddingValue] = -1000
    return hu


def test_every_lossless_transfer_syntax_gives_the_same_hu(app, tmp_path, shared_data):
    run = app(encodings(shared_data, LOSSLESS, tmp_path / "in"), loader=ANY_STACK)
    expected_hu = reference_hu(shared_data)
    assert [name for name, hu in zip(LOSSLESS, run.source_hu, strict=True) if not np.array_equal(hu, expected_hu)] == []


@pytest.mark.parametrize("name", LOSSY)
def test_lossy_transfer_syntaxes_give_nearly_the_same_hu(app, tmp_path, shared_data, name):
    hu = app(encodings(shared_data, (name,), tmp_path / "in"), loader=ANY_STACK | LENIENT).source_hu[0]
    difference_hu = np.abs(hu - reference_hu(shared_data))
    assert np.median(difference_hu) <= LOSSY[name]


@pytest.mark.parametrize("name", UNDECODABLE)
def test_a_transfer_syntax_without_decoder_is_named(app, tmp_path, shared_data, name):
    folder = encodings(shared_data, (name,), tmp_path / "in")
    run = app(folder, loader=ANY_STACK | LENIENT)
    assert run.refusal == (65, "unsupported_codec")
    assert pydicom.dcmread(folder / "0.dcm").file_meta.TransferSyntaxUID.name in run.message


# ---- multi-frame ----


def test_an_enhanced_ct_gives_one_slice_for_each_frame(app, tmp_path):
    hu = body_hu()
    rng = np.random.default_rng(0)
    order = rng.permutation(len(hu))  # frames need not be in the order of the positions

    def edit(groups, i):
        position_mm = groups.PlanePositionSequence[0].ImagePositionPatient
        groups.PlanePositionSequence[0].ImagePositionPatient = [*position_mm[:2], 100.0 + 2.0 * int(order[i])]

    run = app(write_object(enhanced_ct(hu[order], edit), tmp_path / "in"))
    assert np.array_equal(run.source_hu, hu)
    assert {ds.SOPClassUID.name for ds in run.slices} == {"CT Image Storage"}
    references = [ds.SourceImageSequence[0] for ds in run.slices]
    assert {(item.ReferencedSOPClassUID.name, item.ReferencedSOPInstanceUID) for item in references} == {
        ("Enhanced CT Image Storage", "1.2.3.4.5.1")
    }
    frames = [item.ReferencedFrameNumber for item in references]
    assert [order[frame - 1] for frame in frames] == list(range(len(hu)))
    assert len({ds.SOPInstanceUID for ds in run.slices}) == len(hu)


def test_each_frame_has_its_own_slope(app, tmp_path):
    hu = body_hu()
    slopes = [0.5 + 0.5 * (i % 3) for i in range(len(hu))]

    def edit(groups, i):
        transformation = pydicom.Dataset()
        transformation.RescaleSlope, transformation.RescaleIntercept = slopes[i], -1024
        transformation.RescaleType = "HU"
        groups.PixelValueTransformationSequence = [transformation]

    ds = enhanced_ct(hu, edit)
    stored = [np.rint((plane + 1024) / slope).astype("<u2") for plane, slope in zip(hu, slopes, strict=True)]
    ds.PixelData = np.stack(stored).tobytes()
    assert np.abs(app(write_object(ds, tmp_path / "in")).source_hu - hu).max() <= 1.25


def test_a_legacy_converted_series_is_read_as_its_slices(app, tmp_path):
    run = app(write_object(legacy_converted_ct(), tmp_path / "in"))
    assert np.array_equal(run.source_hu, body_hu())
    assert [int(ds.InstanceNumber) for ds in run.slices] == list(range(1, 11))


def test_a_real_legacy_converted_object_gives_what_its_single_frames_give(app, shared_data):
    lenient = {"min_slices": 1}
    multi_frame = app(shared_data / ENHANCED / "multiframe", loader=lenient)
    frames = multi_frame.slices
    single = app(shared_data / ENHANCED / "image", "--overwrite", loader=lenient).slices
    for one, other in zip(frames, single, strict=True):
        assert np.array_equal(one.pixel_array, other.pixel_array)
        for keyword in ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing"):
            assert np.allclose(one[keyword].value, other[keyword].value)


def test_a_real_enhanced_ct_with_contrast_is_refused(app, tmp_path, shared_data):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "enhanced.dcm").write_bytes((shared_data / "odd/enhanced_multiframe/eCT_Supplemental.dcm").read_bytes())
    assert app(folder).refusal == (65, "contrast")


@pytest.mark.parametrize("fault", ["groups", "frames", "pixels"])
def test_a_damaged_multi_frame_object(app, tmp_path, fault):
    ds = enhanced_ct(body_hu())
    if fault == "groups":
        del ds.PerFrameFunctionalGroupsSequence
    elif fault == "frames":
        ds.NumberOfFrames = 12
    else:
        ds.PixelData = ds.PixelData[: len(ds.PixelData) // 2]
    assert app(write_object(ds, tmp_path / "in")).refusal == (65, "corrupt")


def test_frames_of_two_phases_at_the_same_places_are_ambiguous(app, tmp_path):
    def edit(groups, i):
        groups.PlanePositionSequence[0].ImagePositionPatient = [-20, -30, 100 + 2 * (i // 2)]

    assert app(write_object(enhanced_ct(body_hu(), edit), tmp_path / "in")).refusal == (65, "ambiguous")


# ---- a real series ----


def test_every_voxel_of_a_real_series_is_right(app, tmp_path, shared_data):
    files = sorted((shared_data / NCCT).glob("*.dcm"))
    sources = sorted(map(pydicom.dcmread, files), key=lambda ds: float(ds.ImagePositionPatient[2]))[:8]
    folder = tmp_path / "in"
    folder.mkdir()
    for i, ds in enumerate(sources):
        ds.save_as(folder / f"slice-{i}.dcm")
    expected_hu = np.stack([ds.pixel_array * float(ds.RescaleSlope) + float(ds.RescaleIntercept) for ds in sources])
    assert np.array_equal(app(folder).source_hu, expected_hu)
