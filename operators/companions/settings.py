"""Which companions a site wants beside the Syn-CTA series; the values come from app.yaml."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CompanionSettings:
    """Switches.

    Attributes:
        presentation_state: Grayscale Softcopy Presentation State: the CTA window, and the label as text.
        key_objects: Key Object Selection note on the slices with most enhancement.
        measurement_report: Comprehensive 3D SR with the run's measures and warnings.
        pdf_report: Encapsulated PDF with pictures, measures and warnings.
    """

    presentation_state: bool = True
    key_objects: bool = False
    measurement_report: bool = True
    pdf_report: bool = True
