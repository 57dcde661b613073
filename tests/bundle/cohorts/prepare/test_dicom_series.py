"""Series by their headers."""

import pydicom
import pytest
from pydicom.dataset import Dataset

from cohorts.prepare.dicom_series import choose_series, files_under, is_sharp, scan_series
from cohorts.prepare.phases import Phase
from cohorts.prepare.reasons import PairRejected, Reason
from prepare.sources import save_series
from tests.header_words import SHARP_KERNELS, SOFT_KERNELS


def read(folder):
    return scan_series(files_under(folder))


def edit(path, **tags):
    header = pydicom.dcmread(path)
    for name, value in tags.items():
        setattr(header, name, value)
    header.save_as(path)


def test_two_phases_in_one_folder_are_two_series(tmp_path):
    save_series(tmp_path, "ncct")
    save_series(tmp_path, "cta")
    assert {series.phase for series in read(tmp_path)} == {Phase.NCCT, Phase.ARTERIAL}


def test_files_are_ordered_from_the_feet(tmp_path):
    paths = save_series(tmp_path, "ncct")  # head first
    (series,) = read(tmp_path)
    assert series.files == tuple(str(path) for path in reversed(paths))


def test_a_missing_slice_is_named_with_its_gap(tmp_path):
    save_series(tmp_path, "ncct")[4].unlink()
    (series,) = read(tmp_path)
    assert series.fault.reason is Reason.GEOMETRY
    assert "8.00 mm" in series.fault.detail


def test_a_slice_that_is_there_twice_is_irregular(tmp_path):
    paths = save_series(tmp_path, "ncct")
    (tmp_path / "copy.dcm").write_bytes(paths[3].read_bytes())
    assert read(tmp_path)[0].fault.reason is Reason.GEOMETRY


@pytest.mark.parametrize("orientation", [[1, 0, 0, 0, 0, -1], [0, 1, 0, 0, 0, -1]])
def test_coronal_and_sagittal_series_have_the_wrong_orientation(tmp_path, orientation):
    save_series(tmp_path, "ncct", ImageOrientationPatient=orientation)
    assert read(tmp_path)[0].fault.reason is Reason.ORIENTATION


def test_a_tilted_gantry_is_the_wrong_orientation(tmp_path):
    for index, path in enumerate(save_series(tmp_path, "ncct")):
        x, y, z = pydicom.dcmread(path).ImagePositionPatient
        edit(path, ImagePositionPatient=[x, y + index, z])
    assert read(tmp_path)[0].fault.reason is Reason.ORIENTATION


def test_a_localizer_is_no_series(tmp_path):
    save_series(tmp_path, "ncct", ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"])
    assert read(tmp_path) == []


def test_values_without_rescale_are_not_hu(tmp_path):
    save_series(tmp_path, "ncct", RescaleSlope=None)
    assert read(tmp_path)[0].fault.reason is Reason.NOT_HU


def test_our_own_synthetic_series_is_refused(tmp_path):
    save_series(tmp_path, "cta", SyntheticData="YES")
    assert read(tmp_path)[0].fault.reason is Reason.SYNTHETIC


def test_files_that_are_no_dicom_are_passed_over(tmp_path):
    save_series(tmp_path, "ncct")
    (tmp_path / "notes.txt").write_text("not DICOM")
    (tmp_path / "empty.dcm").touch()
    assert len(read(tmp_path)) == 1


def test_a_folder_without_ct_is_unreadable(tmp_path):
    with pytest.raises(PairRejected) as rejected:
        choose_series(read(tmp_path))
    assert rejected.value.reason is Reason.UNREADABLE


@pytest.mark.slow
def test_of_two_series_the_soft_kernel_stands_for_the_phase(tmp_path):
    save_series(tmp_path / "a", "ncct", ConvolutionKernel="B70f")
    save_series(tmp_path / "b", "ncct", ConvolutionKernel="B30f", SeriesInstanceUID="2.25.1")
    assert "/b/" in choose_series(read(tmp_path)).files[0]


@pytest.mark.slow
def test_a_kernel_is_judged_by_its_first_value(tmp_path):
    save_series(tmp_path / "a", "ncct", ConvolutionKernel=["Br54", "3"])
    save_series(tmp_path / "b", "ncct", ConvolutionKernel=["Br38", "3"], SeriesInstanceUID="2.25.1")
    assert "/b/" in choose_series(read(tmp_path)).files[0]


@pytest.mark.parametrize("kernel", SHARP_KERNELS)
def test_a_kernel_for_lung_or_bone_is_sharp(kernel):
    header = Dataset()
    header.ConvolutionKernel = kernel
    assert is_sharp(header)


@pytest.mark.parametrize("kernel", SOFT_KERNELS)
def test_any_other_kernel_is_soft(kernel):
    header = Dataset()
    header.ConvolutionKernel = kernel
    assert not is_sharp(header)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tag", "value"),
    [("ContrastBolusVolume", "80"), ("ContrastBolusTotalDose", "24"), ("ContrastBolusAgentSequence", [Dataset()])],
)
def test_contrast_that_only_a_tag_tells_of_is_read_from_the_file(tmp_path, tag, value):
    save_series(tmp_path, "ncct", SeriesDescription="Chest", **{tag: value})
    assert read(tmp_path)[0].phase is Phase.ENHANCED


def test_an_element_that_cannot_be_decoded_passes_its_file_over(tmp_path):
    path = save_series(tmp_path, "ncct")[0]
    path.write_bytes(path.read_bytes().replace(b"\x18\x00\x15\x00CS", b"\x18\x00\x15\x00C\xff"))
    assert len(read(tmp_path)[0].files) == 9
