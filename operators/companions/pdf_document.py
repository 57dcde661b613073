"""Encapsulated PDF (PS3.3 A.45.1): the PDF report as an object that every PACS shows."""

import highdicom
from highdicom.sr.coding import CodedConcept
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.uid import EncapsulatedPDFStorage, ExplicitVRLittleEndian

from operators.companions.identifiers import Identifiers, completed
from operators.dicom_objects.equipment import software_versions
from operators.dicom_objects.identity import RunIdentity


class PDFDocument(highdicom.SOPClass):
    """A PDF in DICOM.

    Args:
        pdf: the file.
        references: images that it shows.
        identity: the run.
        identifiers: of the object.
    """

    def __init__(self, pdf: bytes, references: list[Dataset], identity: RunIdentity, identifiers: Identifiers) -> None:
        settings, created = identity.settings, identity.created
        super().__init__(
            study_instance_uid=references[0].StudyInstanceUID,
            sop_class_uid=EncapsulatedPDFStorage,
            modality="DOC",
            manufacturer=settings.manufacturer,
            manufacturer_model_name=settings.model_name,
            software_versions=software_versions(identity.provenance),
            transfer_syntax_uid=ExplicitVRLittleEndian,
            series_description=identity.source_contrast.mark_description("Report (synthetic)"),
            content_date=created.date(),
            content_time=created.time(),
            **identifiers.keywords,
        )
        # SC Equipment
        self.ConversionType = "SYN"
        # Encapsulated Document
        self.AcquisitionDateTime = None
        self.BurnedInAnnotation = "YES"  # its head names patient and study
        self.DocumentTitle = "Syn-CTA report (synthetic, research only)"
        self.ConceptNameCodeSequence = [CodedConcept.from_code(codes.DCM.ImagingMeasurementReport)]
        self.MIMETypeOfEncapsulatedDocument = "application/pdf"
        self.EncapsulatedDocument = pdf + b"\0" * (len(pdf) % 2)
        self.EncapsulatedDocumentLength = len(pdf)
        self.SourceInstanceSequence = [_reference(reference) for reference in references]
        completed(self, identity)


def _reference(image: Dataset) -> Dataset:
    reference = Dataset()
    reference.ReferencedSOPClassUID = image.SOPClassUID
    reference.ReferencedSOPInstanceUID = image.SOPInstanceUID
    return reference
