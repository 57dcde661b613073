"""Findings in the headers against converting a series: kind of image, contrast, spectral images, region."""

from collections.abc import Iterator

from ct_headers.contrast import ContrastMention
from ct_headers.contrast_module import contrast_in_attributes, oral_route
from operators.dicom_loader.anatomy import regions_in_header
from operators.dicom_loader.contrast import exam_speaks_of_contrast, series_mention, virtual_in_header
from operators.dicom_loader.gates import Finding, Gate
from operators.dicom_loader.images import image_type, is_axial
from operators.dicom_loader.scan import SourceSlice
from operators.dicom_loader.settings import LoaderSettings
from operators.errors import Reason, Refusal

_COMPUTED_TYPES = {"MIP", "MINIP", "MPR", "VRT", "AVERAGE", "SUBTRACTION", "REFORMATTED", "PERFUSION", "CSA MPR"}
"""Values of Image Type for images that are no axial reconstruction, although they may be primary."""

_GIVE_NON_CONTRAST = "Give the non-contrast series of the study."


def _refuse_synthetic(images: list[SourceSlice]) -> None:
    for source in images:
        if str(source.header.get("SyntheticData") or "").strip().upper() == "YES":
            raise Refusal(Reason.DERIVED, "The series is synthetic: Synthetic Data (0008,001C) is YES.")


def _refuse_other_kinds(images: list[SourceSlice]) -> None:
    for source in images:
        kinds = image_type(source)
        if "DERIVED" in kinds[:1] and ("PRIMARY" not in kinds[1:2] or _COMPUTED_TYPES & set(kinds)):
            raise Refusal(
                Reason.DERIVED, "The series is derived: Image Type (0008,0008) starts with DERIVED. Give the original."
            )
        if not is_axial(source):
            raise Refusal(
                Reason.GEOMETRY, "The series is not axial (a coronal or sagittal reformat?). Give the axial series."
            )


def header_findings(images: list[SourceSlice], settings: LoaderSettings) -> Iterator[Finding]:
    """What the gates find in the headers, the most telling first.

    Raises:
        Refusal: DERIVED or GEOMETRY, for what no setting lets pass: synthetic, derived and reformatted series.
    """
    _refuse_synthetic(images)
    if any(virtual_in_header(source.header) for source in images):
        yield Finding(
            Gate.SPECTRAL,
            "By its Series Description (0008,103E) or Image Type the series is computed from a spectral scan (virtual "
            "non-contrast or monoenergetic): contrast may have been given, and its HU are not measured.",
            "Give a conventional series.",
        )
    contrast = next(filter(None, (_contrast(source) for source in images)), None)
    if contrast is not None:
        yield contrast
    _refuse_other_kinds(images)
    shown = regions_in_header(images[0].header)
    if shown and not shown & set(settings.regions):
        yield Finding(
            Gate.ANATOMY,
            f"The header names {', '.join(sorted(shown))}; the model was trained on {', '.join(settings.regions)}.",
            "Give another series, or a bundle that was trained on this region, with loader.regions in app.yaml.",
        )


def _contrast(source: SourceSlice) -> Finding | None:
    mention = series_mention(source.header)
    if attribute := contrast_in_attributes(source.header):
        found = f"The series is contrast-enhanced: {attribute} is set"
        if mention is ContrastMention.WITHOUT:
            advice = (
                "Some scanners write the contrast agent of the study into every series. If yours does, set "
                "loader.gates.contrast_header: warn in app.yaml; the image is still checked."
            )
            return Finding(
                Gate.CONTRAST_HEADER,
                f"{found}, although its Series Description says non-contrast.",
                advice,
                is_contradicted=True,
            )
        return Finding(
            Gate.CONTRAST_HEADER,
            f"{found}.",
            f"{_GIVE_NON_CONTRAST} If the agent was given for the bowel only, Contrast/Bolus Route (0018,1040) must be "
            "ORAL.",
        )
    if mention is ContrastMention.WITH:
        by = "The series is contrast-enhanced by its Series Description (0008,103E)."
        return Finding(Gate.CONTRAST_HEADER, by, _GIVE_NON_CONTRAST)
    return None


def header_warnings(images: list[SourceSlice]) -> list[str]:
    """Warnings for the reader; they do not refuse the series."""
    headers = [source.header for source in images]
    warnings = []
    if any(exam_speaks_of_contrast(header) for header in headers):
        warnings.append(
            "The study, protocol or procedure description mentions contrast, and no header text says that this series "
            "is non-contrast: only the image was checked."
        )
    if any(oral_route(header) for header in headers):
        warnings.append("Oral or rectal contrast was given: the bowel may be bright.")
    if any("DERIVED" in image_type(source)[:1] for source in images):
        warnings.append(
            "Image Type (0008,0008) is DERIVED\\PRIMARY: a special reconstruction, such as an extended field of view."
        )
    return warnings
