"""Header checks of the chosen series: complete, one patient, one study, and pixels in HU."""

import re

from operators.dicom_loader.scan import FileKind, FolderScan, SourceSlice
from operators.errors import Reason, Refusal

_HU_TYPES = {"", "HU", "US"}  # US: "unspecified", written by many scanners for plain CT
_RESCALE_LIMIT = 1e6
"""Larger slopes and intercepts, and slopes below the inverse, cannot give HU and would overflow."""

_ONE_OF = (
    ("PatientID", "patients"),
    ("PatientName", "patients"),
    ("PatientBirthDate", "patients"),
    ("StudyInstanceUID", "studies"),
)
_UIDS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID")
_UID = re.compile(r"[0-9.]{1,80}")
"""What is accepted as a UID: digits and points. Components that start with 0 and UIDs that are a few digits too long
are accepted: PS3.5 9.1 forbids them, but they are in use."""

_WIDEST_BITS = 32
"""CT is written with 16 bits allocated (PS3.3 C.8.2.1.1.4); some research tools write 32."""

_NEEDED = ("SeriesInstanceUID", "StudyInstanceUID", "SOPInstanceUID")
_PIXEL_ATTRIBUTES = ("Rows", "Columns", "BitsAllocated", "BitsStored", "PixelRepresentation")


def check_whole(slices: list[SourceSlice], scan: FolderScan) -> None:
    """Refuse a series with damaged files or without the attributes that make it an image.

    A damaged DICOM file may be a slice of the series, so it counts as missing.

    Raises:
        Refusal: CORRUPT.
    """
    if damaged := scan.counts[FileKind.DAMAGED_DICOM]:
        raise Refusal(
            Reason.CORRUPT,
            f"{damaged} DICOM file(s) in the input are damaged and may belong to the series. Send the series again.",
        )
    orphans = len(scan.series.get("", ()))
    headers = [source.header for source in slices]
    if orphans:
        raise Refusal(Reason.CORRUPT, f"{orphans} CT slice(s) have no Series Instance UID. Send the series again.")
    for keyword in _NEEDED + _PIXEL_ATTRIBUTES:
        missing = sum(header.get(keyword) in (None, "") for header in headers)
        if missing:
            raise Refusal(Reason.CORRUPT, f"{missing} of {len(headers)} slices have no {keyword}.")
    for keyword in _UIDS:
        wrong = sum(_UID.fullmatch(str(header.get(keyword) or "0")) is None for header in headers)
        if wrong:
            raise Refusal(
                Reason.CORRUPT,
                f"{wrong} of {len(headers)} slices have a {keyword} that is not a UID (at most 64 digits and points). "
                "Give the series new UIDs; without them an archive cannot store the result.",
            )
    if any((source.header.get("NumberOfFrames") or 1) != 1 and source.frame_number is None for source in slices):
        raise Refusal(
            Reason.UNSUPPORTED_OBJECT,
            "Objects of the series have several frames; CT Image Storage has one frame in each object. Split the "
            "frames.",
        )
    if any((header.get("SamplesPerPixel") or 1) != 1 for header in headers):
        raise Refusal(Reason.NOT_HU, "The series holds colour images without HU. Give the original CT series.")


def check_identity(slices: list[SourceSlice]) -> None:
    """Refuse a series whose slices name several patients or studies.

    Raises:
        Refusal: IDENTITY.
    """
    for keyword, what in _ONE_OF:
        values = (str(source.header.get(keyword) or "").strip() for source in slices)
        found = len({_name(value) if keyword == "PatientName" else value for value in values})
        if found > 1:
            raise Refusal(
                Reason.IDENTITY,
                f"The slices of the series have {found} different {what} ({keyword}). Give a series of one patient and "
                "one study.",
            )


def _name(text: str) -> str:
    """A person's name without meaningless differences: trailing empty components (PS3.5 6.2.1), spaces, case."""
    groups = (re.sub(r"[\s^]+$", "", group).strip() for group in text.split("="))
    return "=".join(" ".join(group.split()) for group in groups).rstrip("=").casefold()


def check_hu(slices: list[SourceSlice]) -> None:
    """Refuse a series whose stored values do not map to HU.

    Raises:
        Refusal: NOT_HU.
    """
    for source in slices:
        header = source.header
        if str(header.get("Modality") or "CT").strip().upper() != "CT":
            raise Refusal(Reason.NOT_HU, "The series is stored as CT, but its Modality (0008,0060) is not CT.")
        slope, intercept = header.get("RescaleSlope"), header.get("RescaleIntercept")
        if slope in (None, "") or intercept in (None, ""):
            raise Refusal(
                Reason.NOT_HU,
                "A slice has no Rescale Slope or Rescale Intercept, so its values are not HU. Give the original CT "
                "series.",
            )
        slope, intercept = float(slope), float(intercept)
        if not (1 / _RESCALE_LIMIT <= slope <= _RESCALE_LIMIT and abs(intercept) <= _RESCALE_LIMIT):
            raise Refusal(
                Reason.NOT_HU,
                f"A slice has Rescale Slope {slope:g} and Rescale Intercept {intercept:g}, so its values are not HU.",
            )
        bits, high_bit = int(header.BitsStored), header.get("HighBit")
        if header.BitsAllocated > _WIDEST_BITS:
            raise Refusal(Reason.NOT_HU, f"Bits Allocated (0028,0100) is {header.BitsAllocated}; CT images have 16.")
        if not 1 <= bits <= header.BitsAllocated:
            raise Refusal(
                Reason.NOT_HU,
                f"Bits Stored (0028,0101) is {bits}, Bits Allocated {header.BitsAllocated}: they do not fit.",
            )
        if high_bit not in (None, "") and not bits <= int(high_bit) + 1 <= header.BitsAllocated:
            raise Refusal(Reason.NOT_HU, f"High Bit (0028,0102) is {high_bit}, Bits Stored {bits}: they do not fit.")
        rescale_type = str(header.get("RescaleType") or "").strip().upper()
        if rescale_type not in _HU_TYPES:
            raise Refusal(Reason.NOT_HU, "Rescale Type (0028,1054) is not HU.")
