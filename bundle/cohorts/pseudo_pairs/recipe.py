"""The recipe: which CTA series become pseudo-pairs, and where in each of them the contrast-filled blood lies (YAML)."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal, TypeVar, get_args

import yaml

from scripts.organs import Organ

ComponentKind = Literal["artery", "left_heart", "right_heart", "vein", "myocardium", "lung_vessels", "organ", "keep"]
Split = Literal["training", "validation", "test"]
KINDS = get_args(ComponentKind)
SPLITS = get_args(Split)
BLOOD_KINDS = ("artery", "left_heart", "right_heart", "vein", "lung_vessels")
REPLACED_KINDS = (*BLOOD_KINDS, "myocardium")
"""Kinds whose inside is replaced; organs are lowered by a constant and keep their texture."""

UNENHANCED_TISSUE_HU = 50.0
"""Level that myocardium and organs are set back to unless the recipe says otherwise."""


@dataclass(frozen=True)
class Component:
    """One enhanced structure of a series.

    Attributes:
        name: for logs and pictures.
        kind: decides label, level before contrast and level in the written CTA. `keep` marks a neighbour that is left
            alone, `lung_vessels` needs neither seeds nor masks.
        seeds_mm: LPS positions (x, y, z) inside the structure.
        masks: mask files relative to the source folder; where given they replace region growing.
        threshold_hu: lower limit of region growing on the smoothed scan; None takes the series' threshold.
        upper_hu: upper limit of region growing; None for no limit. Keeps cortical bone out.
        box_mm: ((x0, x1), (y0, y1), (z0, z1)) in LPS that growing may not leave; None for the whole volume.
        erosion_mm: how far the thresholded voxels are eroded to cut the bridges to neighbours.
        reach_mm: how far the structure grows back inside the threshold after that.
        unenhanced_hu: level before contrast; None takes the patient's blood, or 50 HU for myocardium and organs.
        enhanced_hu: level in the written CTA; None brings blood to the target, leaves myocardium and organs as found.
        calcium_hu: what is brighter is calcium, stent or lead and stays; None takes 150 HU above the component's level.
        organ: its class of `scripts.organs.Organ` by name; None for what the kind stands for.
    """

    name: str
    kind: ComponentKind
    seeds_mm: tuple[tuple[float, float, float], ...] = ()
    masks: tuple[str, ...] = ()
    threshold_hu: float | None = None
    upper_hu: float | None = None
    box_mm: tuple[tuple[float, float], ...] | None = None
    erosion_mm: float = 1.4
    reach_mm: float = 3.0
    unenhanced_hu: float | None = None
    enhanced_hu: float | None = None
    calcium_hu: float | None = None
    organ: str | None = None


@dataclass(frozen=True)
class Series:
    """One CTA of the recipe.

    Attributes:
        patient: name of the folder that is written.
        series: DICOM folder or NIfTI file, relative to the source folder.
        region: "neck", "chest" or "abdomen".
        label: disease label, "healthy" or as known.
        split: the list of datalist.json that the patient goes to.
        components: enhanced structures with their seeds or masks.
        threshold_hu: lower limit of region growing on the smoothed scan.
        blood_hu: level of unenhanced blood in this patient; None draws one from 36 to 44 HU.
        slices_mm: lowest and highest LPS z that is written; None for the whole series.
        smooth_mm: standard deviation of a Gaussian in the slice that the scan is smoothed with first, for sharp
            kernels; 0 for none.
        marks: file of hand-marked circles, relative to the recipe: what is oesophagus, vein or muscle there, for the
            context network; None for none.
    """

    patient: str
    series: str
    region: str
    label: str
    split: Split
    components: tuple[Component, ...]
    threshold_hu: float = 150.0
    blood_hu: float | None = None
    slices_mm: tuple[float, float] | None = None
    smooth_mm: float = 0.0
    marks: Path | None = None


@dataclass(frozen=True)
class Recipe:
    """All series and the settings that hold for each of them.

    Attributes:
        target_lumen_hu: level of arterial blood in the written CTA; None keeps the level of the scan.
        misalignment_mm: magnitude of the deformation between `cta` and `cta_aligned`; 0 for none.
        seed: of the noise and the deformation; each patient's generator is derived from it and the patient's name.
        series: the series to convert.
    """

    target_lumen_hu: float | None
    misalignment_mm: float
    seed: int
    series: tuple[Series, ...]


_Built = TypeVar("_Built")


def _as_tuple(value: object) -> object:
    return tuple(_as_tuple(item) for item in value) if isinstance(value, list) else value


def _build(cls: type[_Built], values: dict, where: str) -> _Built:
    """Make a dataclass from a YAML mapping; names the keys that do not exist."""
    known = {field.name for field in fields(cls)}  # type: ignore[arg-type]  # a dataclass
    if unknown := set(values) - known:
        raise ValueError(f"{where}: unknown keys {sorted(unknown)}. Known: {sorted(known)}.")
    try:
        return cls(**{key: _as_tuple(value) for key, value in values.items()})
    except TypeError as error:
        raise ValueError(f"{where}: {error}.") from error


def _series(values: dict, folder: Path) -> Series:
    where = f"series {values.get('patient', '?')}"
    components = []
    for entry in values.get("components", []):
        component = _build(Component, entry, where)
        if component.kind not in KINDS:
            raise ValueError(f"{where}: kind {component.kind!r} of {component.name!r} is not one of {KINDS}.")
        if component.organ is not None and component.organ.upper() not in Organ.__members__:
            known = ", ".join(name.lower() for name in Organ.__members__)
            raise ValueError(f"{where}: organ {component.organ!r} of {component.name!r} is not one of {known}.")
        if not component.seeds_mm and not component.masks and component.kind != "lung_vessels":
            raise ValueError(f"{where}: {component.name!r} has neither seeds_mm nor masks.")
        components.append(component)
    if not any(component.kind == "artery" for component in components):
        raise ValueError(f"{where}: no component of kind 'artery'. One is needed to measure the HU of the lumen.")
    marks = {"marks": folder / values["marks"]} if values.get("marks") else {}
    series = _build(Series, {**values, "components": components, **marks}, where)
    if series.split not in SPLITS:
        raise ValueError(f"{where}: split {series.split!r} is not one of {SPLITS}.")
    return series


def load_recipe(path: Path) -> Recipe:
    """Read a recipe file.

    Raises:
        ValueError: a key is unknown or missing, or a value is outside its vocabulary.
    """
    values = yaml.safe_load(path.read_text())
    return _build(
        Recipe, {**values, "series": [_series(entry, path.parent) for entry in values.get("series", [])]}, str(path)
    )
