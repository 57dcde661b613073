"""Does the header say that iodine contrast was given? Attributes of the contrast module and words of the description.

The image itself is asked by `enhancement.py`, since headers forget.
"""

import re

from pydicom.dataset import Dataset

_NO_AGENT = {"", "NO", "NONE", "N", "NA", "NIL", "0", "FALSE", "W O", "WO", "WITHOUT", "NATIVE", "UNENHANCED"}
"""Values of Contrast/Bolus Agent (0018,0010) that scanners write where no agent was given."""

_NOUN = r"(?:(?: (?:IV|I V|IODINE|ANY))? ?(?:CONTRAST\w*|CONT|CON|CE|KM|ENHANCED|ENHANCEMENT|INJECTION|MDC)\b)"
_SAYS_WITHOUT = re.compile(
    rf"\b(?:W[/ ]?O|WITHOUT|NO|NON|NONE|OHNE|SANS|SIN|SENZA|ZONDER|PRE|UN|MINUS){_NOUN}"
    r"|\b(?:NCCT|NECT|NATIVE|NATIV|PLAIN|CE?-)(?![\w+])"
)
_W, _WO = r"(?:WITH|W(?!/?O)/?)", r"(?:WITHOUT|W/?O)"
_SAYS_BOTH = re.compile(
    rf"\b(?:{_W} ?(?:[/+]|AND|OR)? ?{_WO}|{_WO} ?(?:[/+]|AND|OR) ?{_W}|{_WO} W/?(?! ?[A-Z])"
    rf"|(?:MIT|AVEC|CON|MET)(?:[/+]| (?:UND|ET|Y|E|EN) )(?:OHNE|SANS|SIN|SENZA|ZONDER)){_NOUN}?(?!\w)"
)
"""With and without contrast: the name of an exam of both phases, which does not tell which of them a series is."""

_SAYS_WITH = re.compile(
    r"\b(?:CTA|CTPA|CECT|ANGIO\w*|ART|ARTERIAL\w*|ARTERIEL\w*|ARTERIOS[AO]|VEN|VENOUS\w*|VENOS[AO]|VENEUX|VENOES"
    r"|PORTAL\w*|PV|PVP|DELAY\w*|LATE|NEPHROGR\w*|EXCRET\w*|CONTRAST\w*|ENHANCED|CE|KM|MDC"
    r"|(?:W/?|WITH|POST) ?CON(?:T|TR)?|IV ?CON\w*)\b"
    r"|(?<!\w)(?:C\+|\+C)(?!\w)"
)
"""Phases as whole words, so that neither PART nor HEART is arterial. Exams that are also done without contrast, such as
urography, are not among them: the image is asked behind the header."""

_OBJECT_KIND = re.compile(r"\bENHANCED (?:CONVERSION|MULTI ?FRAME)\b")
"""Says how the file was made, nothing of contrast."""


def contrast_in_attributes(header: Dataset) -> str | None:
    """What in the contrast module says that an agent was given.

    Args:
        header: one slice.

    Returns:
        The name of the attribute that says so, None where nothing does.
    """
    agent = re.sub(r"[^A-Z0-9 ]+", " ", str(header.get("ContrastBolusAgent") or "").upper()).strip()
    if agent not in _NO_AGENT and not _SAYS_WITHOUT.search(_SAYS_BOTH.sub(" ", agent)):
        return "Contrast/Bolus Agent (0018,0010)"
    if header.get("ContrastBolusAgentSequence"):
        return "Contrast/Bolus Agent Sequence (0018,0012)"
    if _is_positive(header, "ContrastBolusVolume"):
        return "Contrast/Bolus Volume (0018,1041)"
    if _is_positive(header, "ContrastBolusTotalDose"):
        return "Contrast/Bolus Total Dose (0018,1044)"
    return None


def contrast_in_words(description: str) -> bool:
    """Whether a series description speaks against a non-contrast series.

    It does where it names an enhanced phase. Words that deny contrast are taken out first, so that "CHEST W/O CONTRAST"
    and "NON-CON ARTERIES" pass and "CTA CHEST" does not. It does as well where "with and without contrast" is all that
    it says: the denial in it is no word on this series. "W/WO CONTRAST, NATIVE" has such a word besides, and passes.

    `prepare/phases.py` of the bundle, which imports nothing from here, has the same words for training.

    Args:
        description: Series Description (0008,103E) as found.

    Returns:
        True where the series must be taken for an enhanced one.
    """
    words = _words(description)
    if _SAYS_WITH.search(_SAYS_WITHOUT.sub(" ", words)):
        return True
    of_this_series, phrases = _SAYS_BOTH.subn(" ", words)
    return phrases > 0 and not _SAYS_WITHOUT.search(of_this_series)


def _words(description: str) -> str:
    text = re.sub(r"[^A-Z0-9+/-]+", " ", description.upper())
    return _OBJECT_KIND.sub(" ", re.sub(r"(?<=[A-Z])-(?=[A-Z])", " ", text))


def _is_positive(header: Dataset, keyword: str) -> bool:
    try:
        return float(header.get(keyword) or 0) > 0
    except (TypeError, ValueError):
        return False
