"""UIDs and numbers of a companion, and the attributes that it shares with the run."""

from dataclasses import dataclass
from typing import Any, TypeVar

from pydicom.dataset import Dataset

from operators.dicom_objects.attributes import CLINICAL_TRIAL, PATIENT, STUDY
from operators.dicom_objects.common_attributes import add_common_attributes
from operators.dicom_objects.identity import RunIdentity

Companion = TypeVar("Companion", bound=Dataset)


@dataclass(frozen=True)
class Identifiers:
    """Identifiers of a series with one object.

    Attributes:
        series_uid: Series Instance UID.
        series_number: Series Number.
        instance_uid: SOP Instance UID.
    """

    series_uid: str
    series_number: int
    instance_uid: str

    @property
    def keywords(self) -> dict[str, Any]:
        """The arguments by which highdicom's classes take it."""
        return {
            "series_instance_uid": self.series_uid,
            "series_number": self.series_number,
            "sop_instance_uid": self.instance_uid,
            "instance_number": 1,
        }


def completed(companion: Companion, identity: RunIdentity) -> Companion:
    """Add what highdicom's classes take no argument for, as the last step of making a companion.

    Patient and study as in the source, the mark "synthetic", and one time for all objects of the run.

    Args:
        companion: the object, changed in place.
        identity: the run.

    Returns:
        The object.
    """
    add_common_attributes(companion, identity.headers[0], PATIENT + CLINICAL_TRIAL + STUDY, identity)
    for prefix in ("Series", "Content", "PresentationCreation"):
        if prefix == "Series" or f"{prefix}Date" in companion:
            setattr(companion, f"{prefix}Date", identity.created.date())
            setattr(companion, f"{prefix}Time", identity.created.time())
    return companion
