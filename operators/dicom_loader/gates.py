"""The input gates: what makes a series unfit, and whether it is refused or converted with a warning."""

import logging
from dataclasses import dataclass
from enum import StrEnum

from operators.dicom_loader.settings import GateAction, LoaderSettings
from operators.errors import Reason, Refusal

logger = logging.getLogger(__name__)


class Gate(StrEnum):
    """The gates, by their names in app.yaml."""

    CONTRAST_HEADER = "contrast_header"
    CONTRAST_IMAGE = "contrast_image"
    SPECTRAL = "spectral"
    ANATOMY = "anatomy"
    SLICE_THICKNESS = "slice_thickness"
    TOO_FEW_SLICES = "too_few_slices"
    METAL = "metal"


_REASON = {
    Gate.CONTRAST_HEADER: Reason.CONTRAST,
    Gate.CONTRAST_IMAGE: Reason.CONTRAST,
    Gate.SPECTRAL: Reason.DERIVED,
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
        is_contradicted: whether something else in the header says the opposite.
    """

    gate: Gate
    found: str
    advice: str
    is_contradicted: bool = False

    @property
    def refusal(self) -> Refusal:
        """The finding as a refusal."""
        return Refusal(_REASON[self.gate], f"{self.found} {self.advice}")

    @property
    def warning(self) -> str:
        """The finding as a warning."""
        return f"{self.found} Converted anyway: app.yaml sets loader.gates.{self.gate} to warn."

    @property
    def is_contrast(self) -> bool:
        """Whether it is about contrast in the vessels."""
        return self.gate in (Gate.CONTRAST_HEADER, Gate.CONTRAST_IMAGE)


def pass_gate(finding: Finding | None, settings: LoaderSettings) -> list[str]:
    """Let a series through a gate.

    For contrast two settings are needed, since the texts of the result mention it: `warn` alone is enough only if the
    header contradicts itself.

    Args:
        finding: what was found, None where nothing was.
        settings: what refuses.

    Returns:
        The warnings to report, none where nothing was found.

    Raises:
        Refusal: where the gate refuses.
    """
    if finding is None:
        return []
    if getattr(settings.gates, finding.gate) is GateAction.REFUSE:
        raise finding.refusal
    if finding.is_contrast and not finding.is_contradicted and not settings.convert_enhanced:
        raise Refusal(
            Reason.CONTRAST,
            f"{finding.found} loader.gates.{finding.gate} is warn, but a scan with contrast is converted only if "
            "loader.convert_enhanced is true as well; every DICOM object of the result then says so.",
        )
    return [finding.warning]
