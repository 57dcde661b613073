"""Rejection note: a Key Object Selection document that says "do not use these" (IHE Radiology TF-2, 4.66 and 4.68)."""

from datetime import datetime
from enum import Enum

from pydicom.dataset import Dataset
from pydicom.sr.coding import Code

from app.version import VERSION
from operators.dicom_objects.uid import derived_uid

_DEVICE = Code("121007", "DCM", "Device")


class Title(Enum):
    """Document titles (PS3.16 CID 7010)."""

    QUALITY = Code("113001", "DCM", "Rejected for Quality Reasons")
    PATIENT_SAFETY = Code("113037", "DCM", "Rejected for Patient Safety Reasons")


def rejection_note(rejected: list[Dataset], title: Title) -> Dataset:
    """Reject objects of one study.

    Args:
        rejected: their headers.
        title: why.

    Returns:
        The document; its UIDs follow from what it rejects, so that the same note is the same object.
    """
    # a gateway seldom needs it, and it takes a second and 100 MB to load
    import highdicom as hd

    uids = sorted(str(header.SOPInstanceUID) for header in rejected)
    first, now = rejected[0], datetime.now()
    device = hd.sr.DeviceObserverIdentifyingAttributes(uid=derived_uid("gateway", VERSION), name="Syn-CTA gateway")
    note = hd.ko.KeyObjectSelectionDocument(
        evidence=rejected,
        content=hd.ko.KeyObjectSelection(
            document_title=title.value,
            referenced_objects=rejected,
            observer_device_context=hd.sr.ObserverContext(_DEVICE, device),
            description="SYNTHETIC CT angiogram that a later one replaces: its source was corrected or completed.",
        ),
        series_instance_uid=derived_uid("rejection series", title.value.value, *uids),
        series_number=int(first.get("SeriesNumber") or 0) + 1,
        sop_instance_uid=derived_uid("rejection", title.value.value, *uids),
        instance_number=1,
        manufacturer=first.get("Manufacturer"),
        manufacturer_model_name=first.get("ManufacturerModelName"),
        series_description="Rejection note (synthetic)",
    )
    note.SeriesDate = note.ContentDate = now.strftime("%Y%m%d")
    note.SeriesTime = note.ContentTime = now.strftime("%H%M%S")
    return note
