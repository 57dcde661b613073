"""Grayscale Softcopy Presentation State (PS3.3 A.33.1): the CTA window, and the label as text on every slice."""

from highdicom.pr import (
    GraphicAnnotation,
    GraphicLayer,
    GrayscaleSoftcopyPresentationState,
    SoftcopyVOILUTTransformation,
    TextObject,
)
from highdicom.pr.enum import AnnotationUnitsValues
from pydicom.dataset import Dataset

from operators.companions.identifiers import Identifiers, completed
from operators.dicom_objects.equipment import software_versions
from operators.dicom_objects.identity import RunIdentity

_LABEL = "SYNTHETIC"
_LABEL_BOX = (0.25, 0.01, 0.75, 0.06)  # left, top, right, bottom as shares of the shown area: clear of the overlay


def presentation_state(references: list[Dataset], identity: RunIdentity, identifiers: Identifiers) -> Dataset:
    """Show the Syn-CTA in its first window with its label.

    A viewer that follows a presentation state hides overlays that it does not name, so the label is repeated as text.

    Args:
        references: the Syn-CTA slices.
        identity: the run.
        identifiers: of the object.

    Returns:
        The object.
    """
    window = identity.settings.windows[0]
    label = identity.settings.overlay_label or _LABEL
    layer = GraphicLayer("LABEL", order=1, description="The image is synthetic")
    text = TextObject(label, AnnotationUnitsValues.DISPLAY, bounding_box=_LABEL_BOX)
    state = GrayscaleSoftcopyPresentationState(
        referenced_images=references,
        manufacturer=identity.settings.manufacturer,
        manufacturer_model_name=identity.settings.model_name,
        software_versions=software_versions(identity.provenance),
        device_serial_number=identity.provenance.weights_sha256[:16],
        content_label=_LABEL,
        content_description=f"{window.name} window, labelled as synthetic",
        graphic_layers=[layer],
        graphic_annotations=[GraphicAnnotation(references, layer, text_objects=[text])],
        voi_lut_transformations=[
            SoftcopyVOILUTTransformation(window.center_hu, window.width_hu, window_explanation=window.name)
        ],
        series_description=identity.source_contrast.mark_description(f"{window.name} window (synthetic)"),
        **identifiers.keywords,
    )
    # highdicom takes a text for a list of letters: Window Center & Width Explanation would be C\\T\\A
    state.SoftcopyVOILUTSequence[0].WindowCenterWidthExplanation = window.name
    state.Laterality = None  # of type 2C in this IOD, and highdicom leaves it out
    return completed(state, identity)
