"""Do the descriptions of a header say that iodine contrast was given?

`ct_headers.contrast_module` reads its attributes. Headers may lack both, so `enhancement.py` also checks the image.
"""

from pydicom.dataset import Dataset

from ct_headers.contrast import ContrastMention, contrast_mention, is_virtual
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
