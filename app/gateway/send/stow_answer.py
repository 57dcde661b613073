"""Checks the answer of a STOW-RS server: does it confirm every object as stored? (PS3.18 10.5.3, PS3.3 Annex C.12)

Only an answer that names each object as stored is proof. Status 200 alone is not: a login page, a proxy and an empty
answer return it too.
"""

import json
from collections.abc import Iterable
from typing import Any
from xml.etree import ElementTree

from app.gateway.send.targets import DeliveryFailed

_REFERENCED_SEQUENCE = "00081199"
_FAILED_SEQUENCE = "00081198"
_OTHER_FAILURES_SEQUENCE = "0008119A"
_INSTANCE_UID = "00081155"
_FAILURE_REASON = "00081197"

_JSON = ("application/dicom+json", "application/json")
_XML = ("application/dicom+xml", "application/xml", "text/xml")

_Attributes = dict[str, Any]
"""DICOM JSON model: tag -> {"Value": [...]}."""


def check_stored(status: int, content_type: str, body: bytes, sent: Iterable[str]) -> None:
    """Check that a server has everything that was sent.

    Args:
        status: of HTTP.
        content_type: header of the answer, with or without parameters.
        body: of the answer.
        sent: SOP Instance UIDs of the request.

    Raises:
        DeliveryFailed: with the reason, when it does not confirm every object: `http_NNN`, `stow_refused_NNNN` with
            the Failure Reason (0008,1197) of the first object, `stow_answer_not_dicom`, `stow_not_confirmed`.
    """
    try:
        answers = _attributes(content_type, body)
    except ValueError as error:
        raise DeliveryFailed("stow_answer_not_dicom" if _is_success(status) else f"http_{status}") from error
    failed = [item for answer in answers for item in _items(answer, _FAILED_SEQUENCE)]
    if failed:
        raise DeliveryFailed(f"stow_refused{_reason(failed[0])}")
    if any(_items(answer, _OTHER_FAILURES_SEQUENCE) for answer in answers):
        raise DeliveryFailed("stow_refused")
    if not _is_success(status):
        raise DeliveryFailed(f"http_{status}")
    stored = [uid for answer in answers for item in _items(answer, _REFERENCED_SEQUENCE) for uid in _values(item)]
    if not all(uid in stored for uid in sent):
        raise DeliveryFailed("stow_not_confirmed")


def _is_success(status: int) -> bool:
    return 200 <= status < 300


def _attributes(content_type: str, body: bytes) -> list[_Attributes]:
    """Data sets of the answer; ValueError where it is none."""
    media_type = content_type.split(";")[0].strip().lower()
    if media_type in _JSON:
        content = json.loads(body)
        answers = content if isinstance(content, list) else [content]
    elif media_type in _XML and b"<!DOCTYPE" not in body:  # DICOM has none; entities may unpack to any size
        try:
            answers = [_from_xml(ElementTree.fromstring(body))]
        except ElementTree.ParseError as error:
            raise ValueError("no XML") from error
    else:
        raise ValueError("neither DICOM JSON nor DICOM XML")
    if not all(isinstance(answer, dict) for answer in answers):
        raise ValueError("no data set")
    return answers


def _from_xml(element: ElementTree.Element) -> _Attributes:
    """The Native DICOM Model (PS3.19 A.1) in the form of the JSON model."""
    return {
        attribute.get("tag", ""): {
            "Value": [_from_xml(item) for item in attribute.findall("{*}Item")]
            + [value.text for value in attribute.findall("{*}Value")]
        }
        for attribute in element.findall("{*}DicomAttribute")
    }


def _items(attributes: _Attributes, tag: str) -> list[_Attributes]:
    return [item for item in _values(attributes, tag) if isinstance(item, dict)]


def _values(attributes: _Attributes, tag: str = _INSTANCE_UID) -> list[Any]:
    attribute = attributes.get(tag)
    values = attribute.get("Value") if isinstance(attribute, dict) else None
    return [value for value in values if isinstance(value, str | int | dict)] if isinstance(values, list) else []


def _reason(item: _Attributes) -> str:
    """Failure Reason of a refused object, as a suffix; empty where the server gives none."""
    try:
        return f"_{int(_values(item, _FAILURE_REASON)[0]) & 0xFFFF:04x}"
    except (IndexError, TypeError, ValueError):
        return ""
