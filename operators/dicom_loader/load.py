"""From a folder to an NCCT series: scan, choose, check, order, decode. The loader without Holoscan."""

import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from operators.dicom_loader.anatomy import skull_share
from operators.dicom_loader.checks import check_hu, check_identity, check_whole
from operators.dicom_loader.enhancement import enhanced_blood_ml
from operators.dicom_loader.files import files_under
from operators.dicom_loader.gates import Finding, Gate, pass_gate
from operators.dicom_loader.geometry import SliceStack, stack_slices
from operators.dicom_loader.metal import metal_ml
from operators.dicom_loader.pixels import check_codecs, load_hu
from operators.dicom_loader.scan import SourceSlice, scan_files
from operators.dicom_loader.selection import choose_series
from operators.dicom_loader.series import NCCTSeries
from operators.dicom_loader.settings import LoaderSettings, Region

logger = logging.getLogger(__name__)

_MOSTLY = 0.5
"""Share of slices that show a skull in an examination of the head; of the neck they are fewer."""


def load_ncct_series(
    source: Path | list[Path], settings: LoaderSettings | None = None, *, series_uid: str | None = None
) -> NCCTSeries:
    """Load the NCCT series of a DICOM folder, or refuse it.

    Headers are read and checked first; pixels are decoded only for a series that passed.

    Args:
        source: folder, searched with its sub-folders; or the files themselves, sorted.
        settings: limits; None for the defaults.
        series_uid: SeriesInstanceUID to take instead of the fixed rule.

    Returns:
        The series in HU with its geometry.

    Raises:
        Refusal: with the reason why nothing in the folder can be converted.
    """
    settings = settings or LoaderSettings()
    scan = scan_files(files_under(source) if isinstance(source, Path) else source)
    choice = choose_series(scan, settings, series_uid)
    check_whole(choice.slices, scan)
    check_identity(choice.slices)
    check_hu(choice.slices)
    stack = stack_slices(choice.slices, settings)
    warnings = [*scan.warnings, *choice.warnings]
    for finding in _in_stack(choice.slices, stack, settings):
        warnings += pass_gate(finding, settings.gates)
    check_codecs(choice.slices)
    slices = [choice.slices[i] for i in stack.order]
    spacing = " x ".join(f"{step_mm:.2f}" for step_mm in stack.spacing_mm)
    logger.info("Series: %d slices, voxels %s mm; %s.", len(slices), spacing, choice.reason)
    hu = load_hu(slices)
    for finding in _in_image(hu, stack, settings):
        warnings += pass_gate(finding, settings.gates)
    for warning in warnings:
        logger.warning(warning)
    return NCCTSeries(
        hu=hu,
        affine_lps=stack.affine_lps,
        spacing_mm=stack.spacing_mm,
        headers=[source.header for source in slices],
        choice=choice.reason,
        candidates=choice.candidates,
        excluded=choice.excluded,
        warnings=warnings,
    )


def _in_stack(slices: list[SourceSlice], stack: SliceStack, settings: LoaderSettings) -> Iterator[Finding]:
    """What the gates find in number, distance and thickness of the slices."""
    if len(slices) < settings.min_slices:
        yield Finding(
            Gate.TOO_FEW_SLICES,
            f"The series has {len(slices)} slice(s), fewer than the {settings.min_slices} of loader.min_slices.",
            "Give the whole series.",
        )
    spacing_mm = stack.spacing_mm[2]
    thickness_mm = max(float(source.header.get("SliceThickness") or 0) for source in slices)
    for value_mm, limit_mm, what in (
        (spacing_mm, settings.max_slice_spacing_mm + settings.position_tolerance_mm, "apart"),
        (thickness_mm, settings.max_slice_thickness_mm + settings.position_tolerance_mm, "thick"),
    ):
        if value_mm > limit_mm:
            yield Finding(
                Gate.SLICE_THICKNESS,
                f"The slices are {value_mm:.2f} mm {what}; vessels need thinner ones.",
                "Give a thinner reconstruction.",
            )


def _in_image(hu: np.ndarray, stack: SliceStack, settings: LoaderSettings) -> Iterator[Finding]:
    """What the gates find in the pixels."""
    enhanced_ml = enhanced_blood_ml(hu, stack.spacing_mm)
    if enhanced_ml >= settings.enhanced_volume_ml:
        yield Finding(
            Gate.CONTRAST_IMAGE,
            f"The image shows {enhanced_ml:.0f} ml of enhanced blood although its header names no contrast agent.",
            "Give the non-contrast series; if it is one, raise loader.enhanced_volume_ml in app.yaml.",
        )
    if Region.HEAD not in settings.regions and skull_share(hu, stack.spacing_mm) > _MOSTLY:
        yield Finding(Gate.ANATOMY, "The image shows a head, which the model does not know.", "Give another series.")
    metal = metal_ml(hu, stack.spacing_mm)
    if metal >= settings.metal_volume_ml:
        yield Finding(
            Gate.METAL,
            f"The image shows {metal:.0f} ml of metal, more than loader.metal_volume_ml: "
            "streaks around it would be taken for vessels.",
            "Raise the limit in app.yaml where the implant lies away from the vessels.",
        )
