"""Do the attributes of the contrast module (PS3.3 C.7.6.4) say that iodine contrast was given?"""

from pydicom.dataset import Dataset

from ct_headers.contrast import is_agent, is_oral
from ct_headers.text import texts_of


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


def _is_positive(header: Dataset, keyword: str) -> bool:
    try:
        return float(header.get(keyword) or 0) > 0
    except (TypeError, ValueError):
        return False
