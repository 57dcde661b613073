"""Copy the attributes that a result keeps from its source, without the source's faults.

Text stays unchanged, even if it is longer than its value representation allows: a shortened PatientID would be that of
another patient. Only control characters are removed: line breaks and escape sequences, which archives refuse. Other
content that would make the result invalid is left out: empty sequences (frequent in PACS), private elements, and
coded values that break their value representation.
"""

import logging
import unicodedata
from collections.abc import Iterable

from pydicom.config import RAISE
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag, Tag
from pydicom.valuerep import DS, IS, validate_value

logger = logging.getLogger(__name__)

_CODED = {"AS", "CS", "DA", "DT", "IS", "TM", "UI"}
"""Value representations with a fixed form; text is up to the site and stays unchanged."""

_ONE_LINE = {"LO", "SH", "PN", "UC"}
_PARAGRAPHS = {"LT": "\r\n\f\t", "ST": "\r\n\f\t", "UT": "\r\n\f\t"}
"""Value representations of text, and which control characters they may hold (PS3.5 6.2)."""

_DS_MAX_LENGTH = 16
_PATIENT_SEXES = {"M", "F", "O"}


def copied_attributes(source: Dataset, keywords: Iterable[str]) -> Dataset:
    """Copy attributes from a source header.

    Args:
        source: source header.
        keywords: attributes to copy where they are present and filled in.

    Returns:
        New dataset with the valid ones.
    """
    copied = Dataset()
    for keyword in keywords:
        element = _clean_element(source, Tag(keyword))
        if element is not None:
            copied.add(element)
    if copied.get("PatientIdentityRemoved") == "YES" and not (
        "DeidentificationMethod" in copied or "DeidentificationMethodCodeSequence" in copied
    ):
        copied.DeidentificationMethod = "not given by the source"  # of type 1C beside it
    if copied.get("PatientSex") not in _PATIENT_SEXES:
        copied.pop("PatientSex", None)
    return copied


def _clean_element(source: Dataset, tag: BaseTag) -> DataElement | None:
    """The element, None where it is absent, empty or invalid."""
    if tag not in source:
        return None
    try:
        element: DataElement = source[tag]
        if element.VR == "SQ":
            items = [item for item in map(_clean_item, element.value) if len(item)]
            return DataElement(tag, "SQ", items) if items else None
        if element.VM == 0 or element.value in (None, ""):
            return None
        if element.VR == "DS":
            return _rounded(element)
        if element.VR in _ONE_LINE or element.VR in _PARAGRAPHS:
            return _printable(element)
        if element.VR in _CODED:
            for value in [element.value] if element.VM == 1 else element.value:
                validate_value(element.VR, str(value), RAISE)
                if element.VR == "IS":
                    IS(str(value), RAISE)  # raises beyond 32 bits, which `validate_value` lets pass
    except Exception as error:  # pydicom raises any kind of error on damaged values
        logger.debug("Invalid attribute not copied: %s (%s)", tag, type(error).__name__)
        return None
    return element


def _printable(element: DataElement) -> DataElement | None:
    """Text without control characters; the element itself where it has none, so that its bytes stay as they are."""
    allowed = _PARAGRAPHS.get(element.VR, "")
    values = [str(value) for value in ([element.value] if element.VM == 1 else element.value)]
    if not any(_is_control(char, allowed) for value in values for char in value):
        return element
    cleaned = [without_controls(value, allowed) for value in values]
    return DataElement(element.tag, element.VR, cleaned if len(cleaned) > 1 else cleaned[0]) if any(cleaned) else None


def without_controls(text: str, allowed: str = "") -> str:
    """The text with a space for each control character: what one line of a header may hold.

    Args:
        text: as found.
        allowed: control characters that stay.
    """
    return "".join(" " if _is_control(char, allowed) else char for char in text).strip()


def _is_control(char: str, allowed: str) -> bool:
    return char not in allowed and unicodedata.category(char) in ("Cc", "Cs")


def _clean_item(item: Dataset) -> Dataset:
    clean = Dataset()
    for tag in item.keys():  # noqa: SIM118 - iterating a Dataset parses every element, also the faulty ones
        element = None if Tag(tag).is_private else _clean_element(item, Tag(tag))
        if element is not None:
            clean.add(element)
    return clean


def _rounded(element: DataElement) -> DataElement:
    """A decimal string of legal length; longer ones lose digits beyond the 14th."""
    values = [element.value] if element.VM == 1 else element.value
    if all(len(str(value)) <= _DS_MAX_LENGTH for value in values):
        return element
    rounded = [DS(float(value), auto_format=True) for value in values]
    return DataElement(element.tag, "DS", rounded if element.VM > 1 else rounded[0])
