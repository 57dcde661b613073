"""Frames of a multi-frame CT object as slices: each gets the header that a single-frame CT slice would have.

Enhanced CT Image Storage and its legacy-converted form keep what differs between frames in functional groups (DICOM
PS3.3 C.7.6.16): items of sequences, one for all frames and one for each. Their elements mean the same as at the top of
a single-frame header, so they are put there.
"""

from pydicom.dataset import Dataset, FileDataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag
from pydicom.uid import EnhancedCTImageStorage, LegacyConvertedEnhancedCTImageStorage

from operators.dicom_objects.attributes import READ

MULTI_FRAME_CT = (EnhancedCTImageStorage, LegacyConvertedEnhancedCTImageStorage)

FUNCTIONAL_GROUPS = tuple(
    Tag(keyword) for keyword in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence")
)

_RENAMED = {
    "FrameType": "ImageType",
    "FrameAcquisitionNumber": "AcquisitionNumber",
    "FrameAcquisitionDateTime": "AcquisitionDateTime",
}
"""Attributes of the functional groups that have another name in a single-frame header."""

_GIVEN = "YES"


def frame_headers(header: FileDataset) -> list[FileDataset] | None:
    """One header for each frame.

    Args:
        header: header of a multi-frame CT object with its functional groups.

    Returns:
        Headers in the order of the frames, without functional groups; ReferencedFrameNumber (0008,1160) says which
        frame a header stands for. None where groups and frames do not fit.
    """
    shared = header.get("SharedFunctionalGroupsSequence") or [Dataset()]
    per_frame = header.get("PerFrameFunctionalGroupsSequence")
    if not isinstance(per_frame, Sequence) or len(per_frame) != int(header.get("NumberOfFrames") or 0):
        return None
    common = _copied(header)
    _flatten(shared[0], common, replace=False)
    return [_frame_header(common, groups, number) for number, groups in enumerate(per_frame, start=1)]


def _frame_header(common: FileDataset, groups: Dataset, number: int) -> FileDataset:
    frame = _copied(common)
    _flatten(groups, frame, replace=True)
    frame.ReferencedFrameNumber = number
    return frame


def _copied(header: FileDataset) -> FileDataset:
    """A copy without functional groups; the elements themselves are shared."""
    copied = FileDataset("", {}, file_meta=header.file_meta)
    copied.set_original_encoding(*header.original_encoding)
    for tag in header.keys():  # noqa: SIM118 - iterating a Dataset parses every element, also the faulty ones
        if tag not in FUNCTIONAL_GROUPS:
            copied[tag] = header.get_item(tag)
    return copied


def _flatten(groups: Dataset, header: Dataset, *, replace: bool) -> None:
    """Put what the app reads of the functional groups at the top of a header, over what is there or beside it."""
    for group in groups:
        if group.keyword == "ContrastBolusUsageSequence":
            given = any(str(item.get("ContrastBolusAgentAdministered")) == _GIVEN for item in group.value)
            if not given:  # agents of the examination that this frame was taken without
                header.pop("ContrastBolusAgentSequence", None)
        elif group.VR == "SQ" and not group.tag.is_private and len(group.value):
            for element in group.value[0]:
                keyword = _RENAMED.get(element.keyword, element.keyword)
                if keyword in READ and (replace or keyword not in header):
                    header.pop(keyword, None)  # it is shared with other frames: not to be changed in place
                    setattr(header, keyword, element.value)  # the value representation may be another one
