"""The two image series that a run can write: the Syn-CTA and its uncertainty map."""

from dataclasses import dataclass

from operators.dicom_objects.settings import DisplayWindow, UncertaintySettings, WriterSettings
from operators.dicom_objects.source_contrast import SourceContrast


@dataclass(frozen=True)
class ImageSeries:
    """How the slices of a series are described.

    The UIDs of the series depend on all of it.

    Attributes:
        name: short name.
        place: place among the series of the run, from 1; decides the Series Number.
        image_type: fourth value of Image Type (0008,0008).
        description: Series Description (0008,103E).
        comments: Image Comments (0020,4000).
        derivation: Derivation Description (0008,2111).
        intercept: Rescale Intercept (0028,1052): HU of the stored value 0.
        windows: default windows, first one first.
        overlay_label: text of the overlay; empty for none.
    """

    name: str
    place: int
    image_type: str
    description: str
    comments: str
    derivation: str
    intercept: int
    windows: tuple[DisplayWindow, ...]
    overlay_label: str


def syn_cta(settings: WriterSettings, source_contrast: SourceContrast) -> ImageSeries:
    """The synthetic CT angiogram in HU."""
    return ImageSeries(
        name="syn-cta",
        place=1,
        image_type="SYNTHETIC",
        description=source_contrast.mark_description(settings.series_description),
        comments=f"SYNTHETIC: computed by AI from {source_contrast.source}. {source_contrast.statement} Research only.",
        derivation=(
            f"CT angiogram synthesised by a generative neural network from the referenced {source_contrast.source}; "
            "enhancement is predicted, not measured."
        ),
        intercept=-1024,
        windows=settings.windows,
        overlay_label=settings.overlay_label,
    )


def uncertainty_map(settings: UncertaintySettings, overlay_label: str, source_contrast: SourceContrast) -> ImageSeries:
    """The uncertainty of the synthetic HU, in HU."""
    return ImageSeries(
        name="uncertainty",
        place=2,
        image_type="UNCERTAINTY",
        description=source_contrast.mark_description(settings.series_description),
        comments=(
            f"SYNTHETIC: standard deviation of the synthetic HU, computed by AI from {source_contrast.source}. "
            "Not an image of the patient. Research only."
        ),
        derivation=(
            f"Standard deviation, in HU, of repeated syntheses from altered copies of the referenced "
            f"{source_contrast.source}; high where the synthetic CT angiogram is not to be trusted."
        ),
        intercept=0,
        windows=(DisplayWindow("UNCERTAINTY", 50, 100),),
        overlay_label=f"{overlay_label} UNCERTAINTY" if overlay_label else "",
    )
