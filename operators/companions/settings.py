"""Which companions a site wants beside the Syn-CTA series; the values come from app.yaml."""

from dataclasses import dataclass

from pydantic import StrictBool


@dataclass(frozen=True)
class CompanionSettings:
    """Switches.

    Attributes:
        presentation_state: Grayscale Softcopy Presentation State: the CTA window, and the label as text.
        key_objects: Key Object Selection note on the slices with most enhancement.
        measurement_report: Comprehensive 3D SR: what the result shows of each vessel, warnings, limits.
        pdf_report: Encapsulated PDF for the radiologist: patient and study, pictures, the same in words.
    """

    presentation_state: StrictBool = True
    key_objects: StrictBool = False
    measurement_report: StrictBool = True
    pdf_report: StrictBool = True
