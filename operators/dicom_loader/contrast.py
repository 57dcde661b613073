"""Does the header say that iodine contrast was given? Attributes of the contrast module and words of the description.

The image itself is asked by `enhancement.py`, since headers forget.
"""

import re

from pydicom.dataset import Dataset

_NO_AGENT = {"", "NO", "NONE", "N", "NA", "NIL", "0", "FALSE", "W O", "WO", "WITHOUT", "NATIVE", "UNENHANCED"}
"""Values of Contrast/Bolus Agent (0018,0010) that scanners write where no agent was given."""

_SAYS_WITHOUT = re.compile(
    r"\b(?:W/?O|WITHOUT|NO|NON|NONE|OHNE|SANS|SIN|SENZA|ZONDER|PRE|UN|MINUS)(?: (?:IV|I V|IODINE|ANY))?"
    r" ?(?:CONTRAST\w*|CONT|CON|CE|KM|ENHANCED|ENHANCEMENT|INJECTION|CONTRASTE|MDC)\b"
    r"|\b(?:NCCT|NECT|NATIVE|NATIV|PLAIN|C-)(?![\w+])"
    r"|\bENHANCED (?:CONVERSION|MULTI ?FRAME)\b"  # the kind of DICOM object
)
_SAYS_WITH = re.compile(
    r"\b(?:CTA|CTPA|CECT|ANGIO\w*|ARTERIAL\w*|ARTERIEL\w*|VENOUS\w*|PORTAL\w*|NEPHROGRAPHIC\w*|CONTRAST\w*|ENHANCED"
    r"|W/? ?CONT|W/? ?CON|IV ?CON\w*|KM|MDC)\b"
    r"|(?<!\w)(?:C\+|\+C)(?!\w)"
)


def contrast_in_attributes(header: Dataset) -> str | None:
    """What in the contrast module says that an agent was given.

    Args:
        header: one slice.

    Returns:
        The name of the attribute that says so, None where nothing does.
    """
    agent = re.sub(r"[^A-Z0-9 ]+", " ", str(header.get("ContrastBolusAgent") or "").upper()).strip()
    if agent not in _NO_AGENT and not _SAYS_WITHOUT.search(agent):
        return "Contrast/Bolus Agent (0018,0010)"
    if header.get("ContrastBolusAgentSequence"):
        return "Contrast/Bolus Agent Sequence (0018,0012)"
    if _is_positive(header, "ContrastBolusVolume"):
        return "Contrast/Bolus Volume (0018,1041)"
    if _is_positive(header, "ContrastBolusTotalDose"):
        return "Contrast/Bolus Total Dose (0018,1044)"
    return None


def contrast_in_words(description: str) -> bool:
    """Whether a series description names an enhanced phase.

    Words that deny contrast are taken out first, so that "CHEST W/O CONTRAST" and "NON-CON ARTERIES" pass and
    "CTA CHEST" does not.

    Args:
        description: Series Description (0008,103E) as found.

    Returns:
        True where what is left names a contrast phase.
    """
    words = re.sub(r"[^A-Z0-9+/-]+", " ", description.upper())
    spaced = re.sub(r"(?<=[A-Z])-(?=[A-Z])", " ", words)
    return bool(_SAYS_WITH.search(_SAYS_WITHOUT.sub(" ", spaced)))


def _is_positive(header: Dataset, keyword: str) -> bool:
    try:
        return float(header.get(keyword) or 0) > 0
    except (TypeError, ValueError):
        return False
