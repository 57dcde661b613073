"""The input gates: what makes a series unfit, and whether that refuses it or is told as a warning."""

import logging
from dataclasses import dataclass
from enum import StrEnum

from operators.dicom_loader.settings import GateAction, InputGates
from operators.errors import Reason, Refusal

logger = logging.getLogger(__name__)


class Gate(StrEnum):
    """The gates, by their names in app.yaml."""

    CONTRAST_HEADER = "contrast_header"
    CONTRAST_IMAGE = "contrast_image"
    ANATOMY = "anatomy"
    SLICE_THICKNESS = "slice_thickness"
    TOO_FEW_SLICES = "too_few_slices"
    METAL = "metal"


_REASON = {
    Gate.CONTRAST_HEADER: Reason.CONTRAST,
    Gate.CONTRAST_IMAGE: Reason.CONTRAST,
    Gate.ANATOMY: Reason.ANATOMY,
    Gate.SLICE_THICKNESS: Reason.SLICE_THICKNESS,
    Gate.TOO_FEW_SLICES: Reason.TOO_FEW_SLICES,
    Gate.METAL: Reason.METAL,
}


@dataclass(frozen=True)
class Finding:
    """What a gate found.

    Attributes:
        gate: which gate.
        found: what was found, one sentence without patient data.
        advice: what the user can do about it.
    """

    gate: Gate
    found: str
    advice: str

    @property
    def refusal(self) -> Refusal:
        """The refusal that it may be."""
        return Refusal(_REASON[self.gate], f"{self.found} {self.advice}")

    @property
    def warning(self) -> str:
        """The warning that it may be."""
        return f"{self.found} Converted all the same: app.yaml sets loader.gates.{self.gate} to warn."

    def refuses(self, gates: InputGates) -> bool:
        """Whether the settings refuse such a series."""
        return getattr(gates, self.gate) is GateAction.REFUSE


def pass_gate(finding: Finding | None, gates: InputGates) -> list[str]:
    """Let a series through a gate.

    Args:
        finding: what was found, None where nothing was.
        gates: what refuses.

    Returns:
        The warnings to report, none where nothing was found.

    Raises:
        Refusal: where the gate refuses.
    """
    if finding is None:
        return []
    if finding.refuses(gates):
        raise finding.refusal
    return [finding.warning]
