"""Contrast phase and body region from a DICOM header."""

import re
from enum import StrEnum

from pydicom.dataset import Dataset

from ct_headers.contrast import (
    ContrastMention,
    contradicts,
    contrast_mention,
    is_virtual,
    names,
    names_both,
)
from ct_headers.contrast_module import contrast_in_attributes
from ct_headers.regions import regions_in
from ct_headers.text import texts_of, words_of


class Phase(StrEnum):
    """Contrast phase of a series."""

    NCCT = "no contrast"
    ARTERIAL = "arterial"
    ENHANCED = "contrast, phase not named"
    OTHER = "venous, delayed, perfusion or virtual"
    UNKNOWN = "not given"


_PHASES = (("late", Phase.OTHER), ("arterial", Phase.ARTERIAL))
_KIDNEY_EXAM = re.compile(r"\b(?:NEPHRO|URO)\w*")
"""Examinations with and without contrast; the enhanced series is a late phase, so not a CTA to learn from."""

_REGIONS = {"neck": "neck", "chest": "chest", "abdomen": "abdomen", "pelvis": "abdomen", "head": "head"}
"""Regions of training data by those of the header, in the order in which one is taken of several."""


def contrast_phase(header: Dataset) -> Phase:
    """Phase of the series that a slice belongs to.

    The description decides before the contrast tags, since scanners copy the agent of the protocol into the unenhanced
    series too. Where it names no phase, or both with and without contrast, the tags decide.

    The words are those of the app's gate: `ct_headers`.
    """
    text = " ".join(texts_of(header, "SeriesDescription", "ImageComments"))
    if is_virtual(text) or names("derived", text):
        return Phase.OTHER
    said = contrast_mention(text)
    if said is ContrastMention.WITHOUT:
        return Phase.NCCT
    if said is ContrastMention.WITH and not names_both(text) and not contradicts(text):
        return next((phase for kind, phase in _PHASES if names(kind, text)), Phase.ENHANCED)
    if said is ContrastMention.NOTHING and _KIDNEY_EXAM.search(words_of(text)):
        return Phase.OTHER
    return Phase.ENHANCED if contrast_in_attributes(header) else Phase.UNKNOWN


def body_region(header: Dataset) -> str | None:
    """Region of a slice's scan by Body Part Examined (0018,0015), then by its descriptions; else None."""
    for keywords in (("BodyPartExamined",), ("SeriesDescription", "ProtocolName", "StudyDescription")):
        found = {region for text in texts_of(header, *keywords) for region in regions_in(text)}
        if named := next((trained for region, trained in _REGIONS.items() if region in found), None):
            return named
    return None
