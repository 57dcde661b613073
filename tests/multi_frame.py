"""Multi-frame CT objects made on the spot, as `dicom_series` makes single-frame ones."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from highdicom.legacy import LegacyConvertedEnhancedCTImage
from pydicom.dataset import Dataset, FileDataset
from pydicom.uid import EnhancedCTImageStorage

from tests.dicom_series import (
    COLUMN_SPACING_MM,
    ORIGIN_MM,
    ROW_SPACING_MM,
    SLICE_SPACING_MM,
    body_hu,
    ct_slice,
)

FrameEdit = Callable[[Dataset, int], None]


def enhanced_ct(hu: np.ndarray, edit_frame: FrameEdit | None = None) -> FileDataset:
    """An Enhanced CT object of a (frame, row, column) volume, what all frames share in the shared functional groups.

    Args:
        hu: HU, stored unsigned with intercept -1024.
        edit_frame: changes the functional groups of a frame.
    """
    ds = ct_slice(hu[0], 0)
    for keyword in (
        "ImagePositionPatient",
        "ImageOrientationPatient",
        "PixelSpacing",
        "SliceThickness",
        "RescaleIntercept",
        "RescaleSlope",
        "RescaleType",
        "ConvolutionKernel",
        "AcquisitionNumber",
    ):
        del ds[keyword]
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = EnhancedCTImageStorage
    ds.ImageType = ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]
    ds.NumberOfFrames = len(hu)
    ds.PixelData = (hu + 1024).astype("<u2").tobytes()
    shared = Dataset()
    shared.CTImageFrameTypeSequence = [_item(FrameType=["ORIGINAL", "PRIMARY", "VOLUME", "NONE"])]
    shared.PixelMeasuresSequence = [
        _item(PixelSpacing=[ROW_SPACING_MM, COLUMN_SPACING_MM], SliceThickness=SLICE_SPACING_MM)
    ]
    shared.PlaneOrientationSequence = [_item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])]
    shared.PixelValueTransformationSequence = [_item(RescaleIntercept=-1024, RescaleSlope=1, RescaleType="HU")]
    shared.CTReconstructionSequence = [_item(ConvolutionKernel="B30f")]
    ds.SharedFunctionalGroupsSequence = [shared]
    ds.PerFrameFunctionalGroupsSequence = []
    for i in range(len(hu)):
        groups = Dataset()
        position_mm = [ORIGIN_MM[0], ORIGIN_MM[1], ORIGIN_MM[2] + i * SLICE_SPACING_MM]
        groups.PlanePositionSequence = [_item(ImagePositionPatient=position_mm)]
        groups.FrameContentSequence = [_item(FrameAcquisitionNumber=1)]
        if edit_frame is not None:
            edit_frame(groups, i)
        ds.PerFrameFunctionalGroupsSequence.append(groups)
    return ds


def legacy_converted_ct(hu: np.ndarray | None = None) -> Dataset:
    """The series of `dicom_series` as highdicom converts it into one object."""
    volume_hu = body_hu() if hu is None else hu
    return LegacyConvertedEnhancedCTImage(
        [ct_slice(plane_hu, i) for i, plane_hu in enumerate(volume_hu)],
        series_instance_uid="1.2.3.4.7",
        series_number=4,
        sop_instance_uid="1.2.3.4.7.1",
        instance_number=1,
    )


def write_object(ds: Dataset, folder: Path) -> Path:
    """Write one object; gives the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    ds.save_as(folder / "multi-frame.dcm", enforce_file_format=True)
    return folder


def _item(**values: object) -> Dataset:
    item = Dataset()
    for keyword, value in values.items():
        setattr(item, keyword, value)
    return item
