"""One synthetic slice as a DICOM object of the CT Image IOD (PS3.3 A.3), marked as synthetic."""

import highdicom
import numpy as np
from highdicom.enum import ContentQualificationValues
from highdicom.sr.coding import CodedConcept
from pydicom.dataset import Dataset
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian, JPEGLSLossless, RLELossless

from operators.dicom_objects.attributes import COPIED
from operators.dicom_objects.common_attributes import add_common_attributes
from operators.dicom_objects.equipment import software_versions
from operators.dicom_objects.identity import RunIdentity
from operators.dicom_objects.settings import Compression
from operators.dicom_writer.image_series import ImageSeries
from operators.dicom_writer.lossy import was_lossy
from operators.dicom_writer.overlay import add_overlay

_EMPTY_IF_UNKNOWN = (
    "KVP",  # the tube voltage of the source does not apply to a predicted enhancement
    "AcquisitionNumber",
    "SliceThickness",
    "PatientPosition",
    "PositionReferenceIndicator",
)
"""Attributes of type 2 in the CT Image IOD: present, empty where unknown."""

_UNPAIRED = frozenset((
    "ABDOMEN", "ABDOMENPELVIS", "AORTA", "BACK", "BLADDER", "BRAIN", "CHEST", "CHESTABDOMEN", "CHESTABDPELVIS",
    "COLON", "CORONARYARTERY", "CSPINE", "ESOPHAGUS", "FACE", "GALLBLADDER", "HEAD", "HEADNECK", "HEART", "ILIUM",
    "JAW", "LARYNX", "LIVER", "LSPINE", "MAXILLA", "MEDIASTINUM", "NECK", "NECKCHEST", "NECKCHESTABDOMEN", "NOSE",
    "PANCREAS", "PELVIS", "PROSTATE", "SKULL", "SPLEEN", "STERNUM", "STOMACH", "THYROID", "TSPINE", "URETER",
    "WHOLEBODY",
))  # fmt: skip
"""Unpaired body parts: Laterality must be absent for them (as dciodvfy reads PS3.3 C.7.3.1)."""

_TRANSFER_SYNTAX: dict[Compression, UID] = {Compression.JPEG_LS: JPEGLSLossless, Compression.RLE: RLELossless}


def stored_values(slice_hu: np.ndarray, intercept: int) -> np.ndarray:
    """HU as they are stored.

    Args:
        slice_hu: (row, column) finite HU.
        intercept: Rescale Intercept: HU of the stored value 0.

    Returns:
        (row, column) signed 16-bit values; with intercept -1024 values beyond [-33792, 31743] HU are clipped.
    """
    limits = np.iinfo(np.int16)
    return np.clip(np.rint(slice_hu) - intercept, limits.min, limits.max).astype("<i2")


class SyntheticCTImage(highdicom.SOPClass):
    """A CT Image Storage object that holds one synthetic slice.

    Args:
        source: header of the source slice, without pixels.
        stored: (row, column) stored values on the grid of the source slice, as `stored_values` gives them.
        series_instance_uid: UID of the series.
        sop_instance_uid: UID of the object.
        instance_number: its number, positive.
        series: what it shows.
        identity: the run.

    Raises:
        ValueError: when the matrix differs from the source's.
    """

    def __init__(
        self,
        source: Dataset,
        stored: np.ndarray,
        *,
        series_instance_uid: str,
        sop_instance_uid: str,
        instance_number: int,
        series: ImageSeries,
        identity: RunIdentity,
    ) -> None:
        if stored.shape != (source.Rows, source.Columns):
            raise ValueError(
                f"Slice must have the source's {source.Rows} x {source.Columns} pixels. Found {stored.shape}."
            )
        settings, created = identity.settings, identity.created
        # Patient attributes are added by `mark`: highdicom would log an unusual patient name.
        super().__init__(
            study_instance_uid=source.StudyInstanceUID,
            series_instance_uid=series_instance_uid,
            series_number=identity.series_number(series.place),
            sop_instance_uid=sop_instance_uid,
            sop_class_uid=CTImageStorage,
            instance_number=instance_number,
            modality="CT",
            manufacturer=settings.manufacturer,
            manufacturer_model_name=settings.model_name,
            software_versions=software_versions(identity.provenance),
            transfer_syntax_uid=ExplicitVRLittleEndian,
            content_qualification=ContentQualificationValues.RESEARCH,
            series_description=series.description,
            content_date=created.date(),
            content_time=created.time(),
            series_date=created.date(),
            series_time=created.time(),
        )
        add_common_attributes(self, source, COPIED, identity)
        for keyword in _EMPTY_IF_UNKNOWN:
            if keyword not in self:
                setattr(self, keyword, None)
        if self.get("BodyPartExamined") in _UNPAIRED:
            self.pop("Laterality", None)
        elif "Laterality" not in self:
            self.Laterality = None  # of type 2C: the body part may be one of a pair
        self.FrameOfReferenceUID = identity.frame_of_reference_uid
        # General Image
        self.ImageType = ["DERIVED", "SECONDARY", "AXIAL", series.image_type]
        self.BurnedInAnnotation = identity.burned_in_annotation
        if was_lossy(source):
            self.LossyImageCompression = "01"
        self.ImageComments = series.comments
        self._refer_to(source, series)
        self._set_pixels(stored, series)
        # VOI LUT
        self.WindowCenter = [f"{window.center_hu:g}" for window in series.windows]
        self.WindowWidth = [f"{window.width_hu:g}" for window in series.windows]
        self.WindowCenterWidthExplanation = [window.name for window in series.windows]
        if series.overlay_label:
            add_overlay(self, series.overlay_label)
        if settings.compression in _TRANSFER_SYNTAX:
            self.compress(_TRANSFER_SYNTAX[settings.compression], generate_instance_uid=False)

    def _refer_to(self, source: Dataset, series: ImageSeries) -> None:
        # General Reference
        self.DerivationDescription = series.derivation
        self.DerivationCodeSequence = [CodedConcept("123110", "DCM", "Artificial Intelligence")]
        image = Dataset()
        image.ReferencedSOPClassUID = source.SOPClassUID
        image.ReferencedSOPInstanceUID = source.SOPInstanceUID
        if "ReferencedFrameNumber" in source:  # the slice was a frame of a multi-frame object
            image.ReferencedFrameNumber = source.ReferencedFrameNumber
        image.SpatialLocationsPreserved = "YES"
        image.PurposeOfReferenceCodeSequence = [
            CodedConcept("121322", "DCM", "Source image for image processing operation")
        ]
        self.SourceImageSequence = [image]

    def _set_pixels(self, stored: np.ndarray, series: ImageSeries) -> None:
        # Image Pixel, CT Image
        self.SamplesPerPixel = 1
        self.PhotometricInterpretation = "MONOCHROME2"
        self.Rows, self.Columns = stored.shape
        self.BitsAllocated = 16
        self.BitsStored = 16
        self.HighBit = 15
        self.PixelRepresentation = 1
        self.RescaleIntercept = str(series.intercept)
        self.RescaleSlope = "1"
        self.RescaleType = "HU"
        self.PixelData = stored.tobytes()
        self["PixelData"].VR = "OW"
