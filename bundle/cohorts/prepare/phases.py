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
_NOUN = (
    r"(?:(?: (?:IV|I V|IODINE|ANY))? ?"
    r"(?:CONTRAST\w*|CONT|CONTR|CON|CE|KM|CM|ENHANCED|ENHANCEMENT|INJ\w*|MDC)\b)"
)
_WITHOUT = re.compile(
    rf"\b(?:W[/ ]?O|WITHOUT|NO|NON|NONE|OHNE|SANS|SIN|SENZA|ZONDER|PRE|UN|MINUS){_NOUN}"
    r"|\b(?:NCCT|NECT|TNC|NATIV\w*|PLAIN|CE?-)(?![\w+])"
)
"""More spellings than the app needs, whose gate lets silence pass like a denial."""

_W, _WO = r"(?:WITH|W(?!/?O)/?)", r"(?:WITHOUT|W/?O)"
_BOTH = re.compile(
    rf"\b(?:{_W} ?(?:[/+]|AND|OR)? ?{_WO}|{_WO} ?(?:[/+]|AND|OR) ?{_W}|{_WO} W/?(?! ?[A-Z])"
    rf"|(?:MIT|AVEC|CON|MET)(?:[/+]| (?:UND|ET|Y|E|EN) )(?:OHNE|SANS|SIN|SENZA|ZONDER)){_NOUN}?(?!\w)"
)
"""With and without contrast: the name of an exam of both phases, which does not tell which of them a series is."""

_VENOUS = re.compile(
    r"\b(?:VEN|VENOUS\w*|VENOS[AO]|VENEUX|VENOES|PORTAL\w*|PV|PVP|DELAY\w*|LATE|NEPHROGR\w*|EXCRET\w*)\b"
)
_ARTERIAL = re.compile(r"\b(?:CTA|CTPA|ANGIO\w*|ART|ARTERIAL\w*|ARTERIEL\w*|ARTERIOS[AO])\b")
_WITH = re.compile(
    r"\b(?:CECT|CONTRAST\w*|ENHANCED|CE|KM|MDC|(?:W/?|WITH|POST) ?CON(?:T|TR)?|IV ?CON\w*)\b"
    r"|(?<!\w)(?:C\+|\+C)(?!\w)"
)
_PHASES = ((_VENOUS, Phase.OTHER), (_ARTERIAL, Phase.ARTERIAL), (_WITH, Phase.ENHANCED))
_KIDNEY_EXAM = re.compile(r"\b(?:NEPHRO|URO)\w*")
"""Done with contrast and without; late where it is with, so no CTA to learn from."""

_OBJECT_KIND = re.compile(r"\bENHANCED (?:CONVERSION|MULTI ?FRAME)\b")
"""Says how the file was made, nothing of contrast."""

_NO_AGENT = {"", "NO", "NONE", "N", "NA", "NIL", "0", "FALSE", "W O", "WO", "WITHOUT", "NATIVE", "UNENHANCED"}
"""Values of Contrast/Bolus Agent (0018,0010) that scanners write where no agent was given."""

_REGIONS = {
    "neck": r"NECK|CAROTID\w*|CERVICAL|HALS\w*|COU|CERVICO\w*|SUPRAAORTIC\w*",
    "chest": r"CHEST|THORA\w*|LUNG|TORAX|HEART|CARDIAC|CORONAR\w*|PULMO\w*",
    "abdomen": r"ABD\w*|LIVER|PANCREAS|KIDNEY|RENAL|PELVI\w*|STOMACH|ABDOMEN\w*|BAUCH",
    "head": r"HEAD|BRAIN|SKULL|CRANI\w*|SCHAEDEL|CEREBR\w*",
}


def _words(header: Dataset, *keywords: str, keep: str = "") -> str:
    text = " ".join(str(header.get(keyword) or "") for keyword in keywords)
    return re.sub(rf"[^A-Z0-9{keep}]+", " ", text.upper())


def contrast_phase(header: Dataset) -> Phase:
    """Phase of the series that a slice belongs to.

    The description decides before the contrast tags, since scanners copy the agent of the protocol into the
    unenhanced series too. Where it says nothing, or with and without alike, the tags decide.

    `dicom_loader/contrast.py` of the app, which imports nothing from here, has the same words for its gate.
    """
    if _VIRTUAL.search(_words(header, "SeriesDescription", "ImageComments")):
        return Phase.OTHER
    text = _words(header, "SeriesDescription", "ImageComments", keep="+/-")
    told = _told(_OBJECT_KIND.sub(" ", re.sub(r"(?<=[A-Z])-(?=[A-Z])", " ", text)))
    if told is not None:
        return told
    return Phase.ENHANCED if _agent_given(header) else Phase.UNKNOWN


def _told(text: str) -> Phase | None:
    """The phase that a text tells; None where it tells none, or contradicts itself."""
    of_this_series = _BOTH.sub(" ", text)
    if _WITHOUT.search(of_this_series):
        return None if _named(_WITHOUT.sub(" ", text)) else Phase.NCCT
    return _named(of_this_series) or (Phase.OTHER if _KIDNEY_EXAM.search(of_this_series) else None)


def _named(text: str) -> Phase | None:
    return next((phase for pattern, phase in _PHASES if pattern.search(text)), None)


def _agent_given(header: Dataset) -> bool:
    agent = _words(header, "ContrastBolusAgent").strip()
    if agent not in _NO_AGENT and not _WITHOUT.search(_BOTH.sub(" ", agent)):
        return True
    return bool(header.get("ContrastBolusAgentSequence")) or any(
        _is_positive(header, keyword) for keyword in ("ContrastBolusVolume", "ContrastBolusTotalDose")
    )


def _is_positive(header: Dataset, keyword: str) -> bool:
    try:
        return float(header.get(keyword) or 0) > 0
    except (TypeError, ValueError):
        return False


def body_region(header: Dataset) -> str | None:
    """Region of a slice's scan by Body Part Examined (0018,0015), then by its descriptions; None where none tells."""
    for keywords in (("BodyPartExamined",), ("SeriesDescription", "ProtocolName", "StudyDescription")):
        words = _words(header, *keywords)
        for region, pattern in _REGIONS.items():
            if re.search(rf"\b({pattern})\b", words):
                return region
    return None
