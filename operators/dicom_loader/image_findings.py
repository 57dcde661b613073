"""What the gates find in the stack and in the pixels of a series."""

from collections.abc import Iterator

import numpy as np

from operators.dicom_loader.anatomy import limb_share, skull_share
from operators.dicom_loader.body import CoarseBody, coarse_body
from operators.dicom_loader.enhancement import blood_in_vessels, enhanced_blood_ml
from operators.dicom_loader.gates import Finding, Gate
from operators.dicom_loader.geometry import SliceStack
from operators.dicom_loader.metal import metal_ml
from operators.dicom_loader.scan import SourceSlice
from operators.dicom_loader.settings import LoaderSettings, Region

_MOSTLY = 0.5
"""Share of slices that show a skull, or limbs, in an examination of them; in others they are fewer."""


def in_stack(slices: list[SourceSlice], stack: SliceStack, settings: LoaderSettings) -> Iterator[Finding]:
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
                f"The slices are {value_mm:.2f} mm {what}; this is too much for vessels.",
                "Give a thinner reconstruction.",
            )


def in_image(hu: np.ndarray, stack: SliceStack, settings: LoaderSettings) -> Iterator[Finding]:
    """What the gates find in the pixels."""
    body = coarse_body(hu, stack.affine_lps)
    yield from _contrast(body, settings)
    yield from _region(hu, body, stack, settings)
    metal = metal_ml(hu, stack.spacing_mm)
    if metal >= settings.metal_volume_ml:
        yield Finding(
            Gate.METAL,
            f"The image shows {metal:.0f} ml of metal, more than loader.metal_volume_ml: the model would take its "
            "streaks for vessels.",
            "If the implant is far from the vessels, raise the limit in app.yaml.",
        )


def _contrast(body: CoarseBody, settings: LoaderSettings) -> Iterator[Finding]:
    bright_ml = enhanced_blood_ml(body)
    blood = blood_in_vessels(body)
    if blood is None:
        is_enhanced, shown = bright_ml >= settings.enhanced_volume_ml, f"{bright_ml:.0f} ml of enhanced blood"
    else:
        is_enhanced = blood.is_contrast(settings.enhanced_volume_ml, bright_ml)
        shown = f"enhanced blood in heart or great vessels, in {blood.share:.0%} of the slices"
    if is_enhanced:
        yield Finding(
            Gate.CONTRAST_IMAGE,
            f"The image shows {shown}, although its header names no contrast agent.",
            "Give the non-contrast series; if it is one, raise loader.enhanced_volume_ml in app.yaml.",
        )


def _region(hu: np.ndarray, body: CoarseBody, stack: SliceStack, settings: LoaderSettings) -> Iterator[Finding]:
    known = set(settings.regions)
    if skull_share(hu, stack.spacing_mm) > _MOSTLY:
        if Region.HEAD not in known:
            yield Finding(
                Gate.ANATOMY, "The image shows a head; the model was not trained on heads.", "Give another series."
            )
    elif not known & {Region.ARM, Region.LEG} and limb_share(body) > _MOSTLY:
        yield Finding(
            Gate.ANATOMY,
            "The image shows arms or legs (small or paired cross-sections without air inside); the model was not "
            "trained on them.",
            "Give another series.",
        )
