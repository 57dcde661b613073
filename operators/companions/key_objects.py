"""Key Object Selection note (PS3.3 A.35.4, PS3.16 TID 2010) on slices that show the enhancement."""

from highdicom.ko import KeyObjectSelection, KeyObjectSelectionDocument
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes

from operators.companions.device import device_observer
from operators.companions.identifiers import Identifiers, completed
from operators.dicom_objects.identity import RunIdentity

_DESCRIPTION = (
    "SYNTHETIC CT angiogram, computed by AI from {source}: slices with most predicted enhancement. "
    "Research only, not for diagnosis."
)


def key_objects(references: list[Dataset], identity: RunIdentity, identifiers: Identifiers) -> Dataset:
    """Note some slices.

    Args:
        references: the Syn-CTA slices to note.
        identity: the run.
        identifiers: of the object.

    Returns:
        The object.
    """
    note = KeyObjectSelectionDocument(
        evidence=references,
        content=KeyObjectSelection(
            document_title=codes.cid7010.OfInterest,
            referenced_objects=references,
            observer_device_context=device_observer(identity),
            description=_DESCRIPTION.format(source=identity.source_contrast.source),
        ),
        manufacturer=identity.settings.manufacturer,
        manufacturer_model_name=identity.settings.model_name,
        series_description=identity.source_contrast.mark_description("Key slices (synthetic)"),
        **identifiers.keywords,
    )
    return completed(note, identity)
