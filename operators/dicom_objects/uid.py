"""Deterministic UIDs of the UUID-derived form 2.25.<integer> (DICOM PS3.5 B.2)."""

import uuid

from pydicom.uid import UID

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "syn-cta.dicom.uid")


def derived_uid(*parts: str) -> UID:
    """UID that is the same for the same parts, and another one when any part changes.

    Args:
        parts: what identifies the object: its kind, the source UID, what made it.

    Returns:
        A UID of at most 44 characters.
    """
    return UID(f"2.25.{uuid.uuid5(_NAMESPACE, chr(0).join(parts)).int}")
