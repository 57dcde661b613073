"""Does the header say that iodine contrast was given? Attributes of the contrast module and words of the descriptions.

Headers may lack this, so `enhancement.py` also checks the image.
"""

from pydicom.dataset import Dataset

from ct_headers.contrast import ContrastMention, contrast_mention, is_agent, is_oral, is_virtual
from ct_headers.text import texts_of

_EXAM = (
    "StudyDescription",
    "ProtocolName",
    "RequestedProcedureDescription",
    "PerformedProcedureStepDescription",
    "RequestAttributesSequence",
    "ProcedureCodeSequence",
)
"""Texts on the whole examination; they may refer to another series."""


def contrast_in_attributes(header: Dataset) -> str | None:
    """The attribute of the contrast module that says that an agent was given into a vessel.

    Args:
        header: one slice.

    Returns:
        The name of the attribute that says so, None where nothing does; agents given by mouth alone do not.
    """
    if oral_route(header):
        return None
    if any(is_agent(agent) for agent in texts_of(header, "ContrastBolusAgent")):
        return "Contrast/Bolus Agent (0018,0010)"
    if header.get("ContrastBolusAgentSequence"):
        return "Contrast/Bolus Agent Sequence (0018,0012)"
    if texts_of(header, "ContrastBolusAgent"):  # "none", or an agent for the bowel, whose volume may be given
        return None
    if _is_positive(header, "ContrastBolusVolume"):
        return "Contrast/Bolus Volume (0018,1041)"
    if _is_positive(header, "ContrastBolusTotalDose"):
        return "Contrast/Bolus Total Dose (0018,1044)"
    return None


def oral_route(header: Dataset) -> bool:
    """Whether the agent was given by mouth or rectum alone: Contrast/Bolus Route (0018,1040) or its sequence."""
    routes = texts_of(header, "ContrastBolusRoute", "ContrastBolusAdministrationRouteSequence")
    return is_oral(routes)


def contrast_in_words(description: str) -> bool:
    """Whether a series description speaks against a non-contrast series.

    Args:
        description: Series Description (0008,103E) as found.

    Returns:
        True where it names contrast or an enhanced phase, or an exam with and without and nothing more.
    """
    return contrast_mention(description) is ContrastMention.WITH


def series_mention(header: Dataset) -> ContrastMention:
    """What Series Description (0008,103E) says of contrast."""
    found = {contrast_mention(text) for text in texts_of(header, "SeriesDescription")}
    return next(
        (each for each in (ContrastMention.WITH, ContrastMention.WITHOUT) if each in found), ContrastMention.NOTHING
    )


def exam_speaks_of_contrast(header: Dataset) -> bool:
    """Whether texts on the examination name contrast, and neither they nor the series say "plain"."""
    if series_mention(header) is ContrastMention.WITHOUT:
        return False
    texts = texts_of(header, *_EXAM)
    if any(contrast_mention(text) is ContrastMention.WITHOUT for text in texts):
        return False
    return any(contrast_mention(text) is ContrastMention.WITH for text in texts)


def virtual_in_header(header: Dataset) -> bool:
    """Whether the series was computed from a spectral scan: virtual non-contrast, monoenergetic, iodine maps."""
    return any(is_virtual(text) for text in texts_of(header, "SeriesDescription", "ImageType"))


def _is_positive(header: Dataset, keyword: str) -> bool:
    try:
        return float(header.get(keyword) or 0) > 0
    except (TypeError, ValueError):
        return False
