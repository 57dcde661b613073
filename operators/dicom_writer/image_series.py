"""The two image series that a run can write: the Syn-CTA and its uncertainty map."""

from dataclasses import dataclass

from operators.dicom_objects.claims import SourceClaims
from operators.dicom_objects.settings import DisplayWindow, UncertaintySettings, WriterSettings


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


def syn_cta(settings: WriterSettings, claims: SourceClaims) -> ImageSeries:
    """The synthetic CT angiogram in HU."""
    return ImageSeries(
        name="syn-cta",
        place=1,
        image_type="SYNTHETIC",
        description=claims.described(settings.series_description),
        comments=f"SYNTHETIC: computed by AI from {claims.source}. {claims.statement} Research only.",
        derivation=(
            f"CT angiogram synthesised by a generative neural network from the referenced {claims.source}; "
            "enhancement is predicted, not measured."
        ),
        intercept=-1024,
        windows=settings.windows,
        overlay_label=settings.overlay_label,
    )


def uncertainty_map(settings: UncertaintySettings, overlay_label: str, claims: SourceClaims) -> ImageSeries:
    """The uncertainty of the synthetic HU, in HU."""
    return ImageSeries(
        name="uncertainty",
        place=2,
        image_type="UNCERTAINTY",
        description=claims.described(settings.series_description),
        comments=(
            f"SYNTHETIC: standard deviation of the synthetic HU, computed by AI from {claims.source}. "
            "Not an image of the patient. Research only."
        ),
        derivation=(
            f"Standard deviation, in HU, of repeated syntheses from altered copies of the referenced {claims.source}; "
            "high where the synthetic CT angiogram is not to be trusted."
        ),
        intercept=0,
        windows=(DisplayWindow("UNCERTAINTY", 50, 100),),
        overlay_label=f"{overlay_label} UNCERTAINTY" if overlay_label else "",
    )
