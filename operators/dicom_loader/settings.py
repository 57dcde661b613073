"""Limits that the loader applies to a series, and which of them refuse; the values come from app.yaml."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, TypeVar

from pydantic import BeforeValidator, Field, StrictBool

_T = TypeVar("_T")

Section = Annotated[_T, BeforeValidator(lambda given: {} if given is None else given)]
"""A part of app.yaml; one whose keys are all commented out has the defaults."""

Count = Annotated[int, Field(strict=True, ge=0)]
Limit = Annotated[float, Field(strict=True, ge=0)]


class GateAction(StrEnum):
    """What happens to a series that a gate finds unfit."""

    REFUSE = "refuse"
    WARN = "warn"


class Region(StrEnum):
    """Parts of the body that a header may name."""

    HEAD = "head"
    NECK = "neck"
    CHEST = "chest"
    ABDOMEN = "abdomen"
    PELVIS = "pelvis"
    ARM = "arm"
    LEG = "leg"


@dataclass(frozen=True)
class InputGates:
    """Whether an unfit series is refused, or converted with a warning in the log and in result.json.

    Attributes:
        contrast_header: the header or the description says that contrast was given.
        contrast_image: the image shows enhanced blood.
        spectral: the series is computed from a spectral scan: virtual non-contrast, monoenergetic.
        anatomy: the series shows none of the regions that the model was trained on.
        slice_thickness: slices are too thick or too far apart.
        too_few_slices: the stack is too short.
        metal: the image shows much metal.
    """

    contrast_header: GateAction = GateAction.REFUSE
    contrast_image: GateAction = GateAction.REFUSE
    spectral: GateAction = GateAction.REFUSE
    anatomy: GateAction = GateAction.REFUSE
    slice_thickness: GateAction = GateAction.REFUSE
    too_few_slices: GateAction = GateAction.REFUSE
    metal: GateAction = GateAction.REFUSE


@dataclass(frozen=True)
class LoaderSettings:
    """Limits of what is accepted as an NCCT series.

    Attributes:
        min_slices: fewest slices of a series that is converted.
        max_slice_spacing_mm: largest distance between neighbouring slices.
        max_slice_thickness_mm: largest Slice Thickness (0018,0050).
        position_tolerance_mm: largest deviation of a slice from its place in the regular stack (rounding in headers).
        max_lateral_drift_mm: largest sideways shift of a slice against the first one; more is a tilted gantry.
        max_oblique_deg: largest angle between the slice normal and the patient's long axis.
        enhanced_volume_ml: volume of bright, even, vessel-like blood at which the image counts as contrast-enhanced.
        metal_volume_ml: volume of metal at which the image is unfit.
        regions: what the model was trained on.
        gates: which limits refuse and which only warn.
        convert_enhanced: whether a scan in which contrast was found is converted where its gate warns.
    """

    min_slices: Count = 8
    max_slice_spacing_mm: Limit = 5.0
    max_slice_thickness_mm: Limit = 5.0
    position_tolerance_mm: Limit = 0.1
    max_lateral_drift_mm: Limit = 0.5
    max_oblique_deg: Limit = 15.0
    enhanced_volume_ml: Limit = 15.0
    metal_volume_ml: Limit = 5.0
    regions: tuple[Region, ...] = (Region.NECK, Region.CHEST, Region.ABDOMEN)
    gates: Section[InputGates] = InputGates()
    convert_enhanced: StrictBool = False
