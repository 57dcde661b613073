"""This software as the observer of a structured document (PS3.16 TID 1002, TID 1004)."""

from highdicom.sr import DeviceObserverIdentifyingAttributes, ObserverContext
from pydicom.sr.codedict import codes

from operators.dicom_objects.equipment import device_uid
from operators.dicom_objects.identity import RunIdentity


def device_observer(identity: RunIdentity) -> ObserverContext:
    """The observer of a run: a device, never a person."""
    return ObserverContext(
        observer_type=codes.DCM.Device,
        observer_identifying_attributes=DeviceObserverIdentifyingAttributes(
            uid=device_uid(identity.provenance),
            name=identity.provenance.application,
            manufacturer_name=identity.settings.manufacturer,
            model_name=identity.settings.model_name,
            serial_number=identity.provenance.weights_sha256[:16],
        ),
    )
