"""One Syn-CTA slice as a DICOM object of the CT Image IOD (PS3.3 A.3), marked as synthetic."""

from dataclasses import dataclass
from datetime import datetime

import highdicom
import numpy as np
from highdicom.enum import ContentQualificationValues
from highdicom.sr.coding import CodedConcept
from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from operators.dicom_attributes import KEPT
from operators.dicom_writer.equipment import contributing_equipment, device_uid, software_versions
from operators.dicom_writer.kept import kept_attributes
from operators.dicom_writer.overlay import add_overlay
from operators.dicom_writer.settings import WriterSettings
from operators.provenance import Provenance

RESCALE_INTERCEPT_HU = -1024
IMAGE_COMMENTS = "SYNTHETIC: computed by AI from non-contrast CT. No contrast agent was given. Research only."
DERIVATION = (
    "CT angiogram synthesised by a generative neural network from the referenced non-contrast CT; "
    "enhancement is predicted, not measured."
)
_EMPTY_IF_UNKNOWN = (
    "KVP",  # the tube voltage of the source says nothing about a predicted enhancement
    "AcquisitionNumber",
    "SliceThickness",
    "PatientPosition",
    "PositionReferenceIndicator",
)
"""Attributes of type 2 in the CT Image IOD: present, empty where unknown."""


@dataclass(frozen=True)
class SeriesIdentity:
    """What all slices of a written series share.

    Attributes:
        series_uid: Series Instance UID.
        series_number: Series Number.
        frame_of_reference_uid: the source's, or a derived one where the source has none.
        created: time of the run.
        provenance: software and weights.
        settings: choices of the site.
    """

    series_uid: str
    series_number: int
    frame_of_reference_uid: str
    created: datetime
    provenance: Provenance
    settings: WriterSettings


class SyntheticCTImage(highdicom.SOPClass):
    """A CT Image Storage object that holds one synthetic slice.

    Args:
        source: header of the source slice, without pixels.
        hu: (row, column) synthetic HU on the grid of the source slice. Stored as signed 16 bit with intercept -1024,
            so values beyond [-33792, 31743] HU would be clipped.
        sop_instance_uid: UID of the object.
        instance_number: its number, positive.
        identity: what the series shares.

    Raises:
        ValueError: when the matrix differs from the source's.
    """

    def __init__(
        self, source: Dataset, hu: np.ndarray, *, sop_instance_uid: str, instance_number: int, identity: SeriesIdentity
    ) -> None:
        if hu.shape != (source.Rows, source.Columns):
            raise ValueError(f"Slice must have the source's {source.Rows} x {source.Columns} pixels. Found {hu.shape}.")
        settings, provenance = identity.settings, identity.provenance
        kept = kept_attributes(source, KEPT)
        # Patient attributes are added below from `kept`: highdicom would log a name that it does not like.
        super().__init__(
            study_instance_uid=source.StudyInstanceUID,
            series_instance_uid=identity.series_uid,
            series_number=identity.series_number,
            sop_instance_uid=sop_instance_uid,
            sop_class_uid=CTImageStorage,
            instance_number=instance_number,
            modality="CT",
            manufacturer=settings.manufacturer,
            manufacturer_model_name=settings.model_name,
            software_versions=software_versions(provenance),
            transfer_syntax_uid=ExplicitVRLittleEndian,
            content_qualification=ContentQualificationValues.RESEARCH,
            series_description=settings.series_description,
            content_date=identity.created.date(),
            content_time=identity.created.time(),
            series_date=identity.created.date(),
            series_time=identity.created.time(),
        )
        if source.get("SpecificCharacterSet"):
            self.add(source["SpecificCharacterSet"])
        for element in kept:
            self.add(element)
        for keyword in _EMPTY_IF_UNKNOWN:
            if keyword not in self:
                setattr(self, keyword, None)
        if "BodyPartExamined" not in self and "Laterality" not in self:
            self.Laterality = None  # of type 2C: the body part may be one of a pair
        self.FrameOfReferenceUID = identity.frame_of_reference_uid

        self._mark_synthetic()
        self._refer_to(source)
        # General Equipment
        self.DeviceUID = device_uid(provenance)
        self.ContributingEquipmentSequence = contributing_equipment(source, provenance, settings)
        self._set_pixels(hu)
        # VOI LUT
        self.WindowCenter = [f"{window.center_hu:g}" for window in settings.windows]
        self.WindowWidth = [f"{window.width_hu:g}" for window in settings.windows]
        self.WindowCenterWidthExplanation = [window.name for window in settings.windows]
        if settings.overlay_label:
            add_overlay(self, settings.overlay_label)

    def _mark_synthetic(self) -> None:
        # SOP Common, General Image
        self.SyntheticData = "YES"
        self.ImageType = ["DERIVED", "SECONDARY", "AXIAL", "SYNTHETIC"]
        self.BurnedInAnnotation = "NO"
        self.ImageComments = IMAGE_COMMENTS

    def _refer_to(self, source: Dataset) -> None:
        # General Reference
        self.DerivationDescription = DERIVATION
        self.DerivationCodeSequence = [CodedConcept("123110", "DCM", "Artificial Intelligence")]
        image = Dataset()
        image.ReferencedSOPClassUID = CTImageStorage
        image.ReferencedSOPInstanceUID = source.SOPInstanceUID
        image.SpatialLocationsPreserved = "YES"
        image.PurposeOfReferenceCodeSequence = [
            CodedConcept("121322", "DCM", "Source image for image processing operation")
        ]
        self.SourceImageSequence = [image]

    def _set_pixels(self, hu: np.ndarray) -> None:
        # Image Pixel, CT Image
        limits = np.iinfo(np.int16)
        stored = np.clip(np.rint(hu) - RESCALE_INTERCEPT_HU, limits.min, limits.max).astype("<i2")
        self.SamplesPerPixel = 1
        self.PhotometricInterpretation = "MONOCHROME2"
        self.Rows, self.Columns = stored.shape
        self.BitsAllocated = 16
        self.BitsStored = 16
        self.HighBit = 15
        self.PixelRepresentation = 1
        self.RescaleIntercept = str(RESCALE_INTERCEPT_HU)
        self.RescaleSlope = "1"
        self.RescaleType = "HU"
        self.PixelData = stored.tobytes()
        self["PixelData"].VR = "OW"
