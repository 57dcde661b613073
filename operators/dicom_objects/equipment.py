"""Contributing equipment: the scanner that acquired the source, and this software (PS3.3 C.12.1.1.5)."""

import highdicom
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes

from operators.dicom_objects.copied_attributes import without_controls
from operators.dicom_objects.settings import WriterSettings
from operators.dicom_objects.source_contrast import SourceContrast
from operators.dicom_objects.uid import derived_uid
from operators.provenance import Provenance

_LO_MAX = 64


def device_uid(provenance: Provenance) -> str:
    """Device UID (0018,1002) of this software with these weights (IHE AI Results); changes with the model."""
    return derived_uid(
        "device",
        provenance.application_version,
        provenance.config_sha256,
        provenance.scripts_sha256,
        provenance.weights_sha256,
        *filter(None, [provenance.context_sha256]),
    )


def software_versions(provenance: Provenance) -> list[str]:
    """Software Versions (0018,1020): application, bundle, and the start of the weights' digest."""
    return [
        f"{provenance.application} {provenance.application_version}"[:_LO_MAX],
        f"bundle {provenance.bundle} {provenance.bundle_version}"[:_LO_MAX],
        f"weights sha256 {provenance.weights_sha256[:16]}",
    ]


def contributing_equipment(
    source: Dataset, provenance: Provenance, settings: WriterSettings, source_contrast: SourceContrast
) -> list[Dataset]:
    """The scanner and this software.

    Args:
        source: header of a source slice.
        provenance: what made the result.
        settings: names under which this software appears.
        source_contrast: what may be said of the source.

    Returns:
        Two items, acquisition first.
    """
    scanner = highdicom.ContributingEquipment(
        manufacturer=_text(source, "Manufacturer") or "unknown",
        purpose_of_reference=codes.DCM.AcquisitionEquipment,
        manufacturer_model_name=_text(source, "ManufacturerModelName"),
        software_versions=_text(source, "SoftwareVersions"),
        device_serial_number=_text(source, "DeviceSerialNumber"),
        institution_name=_text(source, "InstitutionName"),
        contribution_description=f"Acquired the {source_contrast.source} that this image was made from",
    )
    synthesiser = highdicom.ContributingEquipment(
        manufacturer=settings.manufacturer,
        purpose_of_reference=codes.DCM.SynthesizingEquipment,
        manufacturer_model_name=settings.model_name,
        software_versions=software_versions(provenance),
        contribution_description=f"Synthesised every pixel; weights sha256 {provenance.weights_sha256}",
    )
    synthesiser.DeviceUID = device_uid(provenance)
    return [scanner, synthesiser]


def _text(source: Dataset, keyword: str) -> str | None:
    """First value of a text attribute, cut to legal length, without line breaks; None where it is absent or empty."""
    value = source.get(keyword)
    first = value if isinstance(value, str) or value is None else next(iter(value), None)
    return (without_controls(str(first))[:_LO_MAX] or None) if first is not None else None
