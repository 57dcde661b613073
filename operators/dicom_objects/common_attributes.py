"""Attributes of every object that the app writes: patient, study, equipment, the mark "synthetic"."""

from collections.abc import Iterable

from pydicom.dataset import Dataset

from operators.dicom_objects.copied_attributes import copied_attributes
from operators.dicom_objects.equipment import contributing_equipment, device_uid
from operators.dicom_objects.identity import RunIdentity


def add_common_attributes(dataset: Dataset, source: Dataset, keywords: Iterable[str], identity: RunIdentity) -> None:
    """Add patient, study, equipment and the mark "synthetic" to an object.

    Args:
        dataset: the object, changed in place.
        source: header of a source slice.
        keywords: attributes that the object takes over from the source.
        identity: the run.
    """
    if source.get("SpecificCharacterSet"):
        dataset.add(source["SpecificCharacterSet"])
    for element in copied_attributes(source, keywords):
        dataset.add(element)
    # SOP Common
    dataset.SyntheticData = "YES"
    dataset.InstanceCreationDate = identity.created.date()
    dataset.InstanceCreationTime = identity.created.time()
    if identity.created.tzinfo is not None:
        dataset.TimezoneOffsetFromUTC = identity.created.strftime("%z")
    # General Equipment
    dataset.DeviceUID = device_uid(identity.provenance)
    dataset.ContributingEquipmentSequence = contributing_equipment(
        source, identity.provenance, identity.settings, identity.source_contrast
    )
