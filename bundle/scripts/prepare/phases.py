"""What a DICOM header says about contrast phase and body region."""

import re
from enum import StrEnum

from pydicom.dataset import Dataset


class Phase(StrEnum):
    """Contrast phase of a series."""

    NCCT = "no contrast"
    ARTERIAL = "arterial"
    ENHANCED = "contrast, phase not named"
    OTHER = "venous, delayed, perfusion or virtual"
    UNKNOWN = "not told"


_VIRTUAL = re.compile(
    r"\b(VNC|VIRTUAL|IODINE|MONO\w*|MIP|MPR|VRT|3D|PERF\w*|CTP|DOSE|BOLUS TRACK\w*|PREMONIT\w*|MONIT\w*)\b"
)
_WITHOUT = re.compile(
    r"\b(NCCT|NECT|TNC|NATIV\w*|PLAIN|UNENHANCED|NON ?(CON|ENHANCED|CE)\w*"
    r"|(W ?O|WITHOUT|NO|OHNE|SANS|SIN|SENZA|PRE) (IV )?(CON\w*|KM|CM|MDC|INJ\w*))\b"
)
_VENOUS = re.compile(
    r"\b(VEN|VENOUS\w*|VENOSA|VENEUX|VENOES|PORTAL\w*|PV|PVP|DELAY\w*|LATE|NEPHRO\w*|EXCRET\w*|URO\w*)\b"
)
_ARTERIAL = re.compile(r"\b(CTA|CTPA|ANGIO\w*|ART|ARTERIAL\w*|ARTERIEL\w*|ARTERIOSA)\b")
_WITH = re.compile(r"\b(CECT|CONTRAST\w*|ENHANCED|POST ?CON\w*|W CON\w*|WITH CON\w*|KM|MDC|CE)\b")
_NO_AGENT = {"", "NO", "NONE", "N", "NA", "NIL", "0", "FALSE"}

_REGIONS = {
    "neck": r"NECK|CAROTID\w*|CERVICAL|HALS\w*|COU|CERVICO\w*|SUPRAAORTIC\w*",
    "chest": r"CHEST|THORA\w*|LUNG|TORAX|HEART|CARDIAC|CORONAR\w*|PULMO\w*",
    "abdomen": r"ABD\w*|LIVER|PANCREAS|KIDNEY|RENAL|PELVI\w*|STOMACH|ABDOMEN\w*|BAUCH",
    "head": r"HEAD|BRAIN|SKULL|CRANI\w*|SCHAEDEL|CEREBR\w*",
}


def _words(header: Dataset, *keywords: str) -> str:
    text = " ".join(str(header.get(keyword) or "") for keyword in keywords)
    return re.sub(r"[^A-Z0-9]+", " ", text.upper())


def contrast_phase(header: Dataset) -> Phase:
    """Phase of the series that a slice belongs to.

    The description decides before the contrast tags, since scanners copy the agent of the protocol into the
    unenhanced series too.
    """
    words = _words(header, "SeriesDescription", "ImageComments")
    if _VIRTUAL.search(words):
        return Phase.OTHER
    if _WITHOUT.search(words):
        return Phase.NCCT
    if _VENOUS.search(words):
        return Phase.OTHER
    if _ARTERIAL.search(words):
        return Phase.ARTERIAL
    agent = _words(header, "ContrastBolusAgent").strip()
    if agent not in _NO_AGENT and not _WITHOUT.search(agent):
        return Phase.ENHANCED
    return Phase.ENHANCED if _WITH.search(words) else Phase.UNKNOWN


def body_region(header: Dataset) -> str | None:
    """Region of a slice's scan by Body Part Examined (0018,0015), then by its descriptions; None where none tells."""
    for keywords in (("BodyPartExamined",), ("SeriesDescription", "ProtocolName", "StudyDescription")):
        words = _words(header, *keywords)
        for region, pattern in _REGIONS.items():
            if re.search(rf"\b({pattern})\b", words):
                return region
    return None
