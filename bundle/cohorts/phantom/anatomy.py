"""Anatomy of one synthetic patient: everything that follows from the seed before it is scanned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import numpy as np
from scipy.ndimage import gaussian_filter

from cohorts.phantom.atlas.canvas import Canvas
from cohorts.phantom.atlas.habitus import Habitus, Label, Region, draw_habitus
from cohorts.phantom.atlas.shapes import Grid
from cohorts.phantom.atlas.smooth_noise import SmoothField
from cohorts.phantom.atlas.tissues import draw_attenuation
from cohorts.phantom.organs.abdomen import paint_abdomen
from cohorts.phantom.organs.body import paint_envelope
from cohorts.phantom.organs.bones import paint_jaw, paint_pelvis, paint_thorax
from cohorts.phantom.organs.chest import paint_chest
from cohorts.phantom.organs.disease import paint_arteries
from cohorts.phantom.organs.neck import paint_neck_organs, paint_neck_space
from cohorts.phantom.organs.spine import paint_back_muscles, paint_spine
from cohorts.phantom.organs.surgery import paint_sternal_wires, scar
from cohorts.phantom.organs.vessels import draw_vessels, paint_veins

REGIONS: tuple[Region, ...] = get_args(Region)
LABELS: tuple[Label, ...] = get_args(Label)
_DRAWN_LABELS: tuple[Label, ...] = ("healthy", "aneurysm", "dissection", "atherosclerosis")
"""What a seed alone may draw. It does not grow with `LABELS`: an old seed must give the same patient."""

_ATLAS_LOW_MM, _ATLAS_HIGH_MM = (-220.0, -200.0, -400.0), (220.0, 200.0, 230.0)

_STREAMS = (
    "choice",
    "frame",
    "grid",
    "tissue",
    "vessels",
    "body",
    "neck",
    "chest",
    "abdomen",
    "back",
    "spine",
    "thorax",
    "pelvis",
    "throat",
    "jaw",
    "disease",
    "texture",
    "scanner",
    "ncct noise",
    "cta noise",
    "aligned noise",
    "motion",
    "surgery",
    "shoulder",
)  # a new one goes to the end, so that old seeds give the same patients


@dataclass(frozen=True)
class Anatomy:
    """What was drawn and painted.

    Attributes:
        region, label: what is imaged, and the disease.
        habitus: build of the patient.
        canvas: noise-free volumes in HU and the map of structures, (z, y, x).
        rngs: random streams by name; those of scanner, noise and motion are still untouched.
        operated, bulky: whether the patient was operated on, and has bulky shoulder muscles.
    """

    region: Region
    label: Label
    habitus: Habitus
    canvas: Canvas
    rngs: dict[str, np.random.Generator]
    operated: bool
    bulky: bool


def draw_anatomy(
    seed: int,
    region: Region | None,
    label: Label | None,
    *,
    slices: int,
    matrix: int,
    spacing_mm: tuple[float, float, float],
    operated_share: float = 0.0,
    bulky_share: float = 0.0,
    usual_levels: bool = False,
) -> Anatomy:
    """Draw and paint one patient; arguments as for `generate_patient`.

    Args:
        usual_levels: use mean levels of enhancement, see `draw_attenuation`. Everything else stays the same.

    Raises:
        ValueError: if an argument is outside its range.
    """
    _check(region, label, slices, matrix, {"operated": operated_share, "bulky": bulky_share})
    streams = np.random.SeedSequence(seed).spawn(len(_STREAMS))
    rngs = {name: np.random.default_rng(stream) for name, stream in zip(_STREAMS, streams, strict=True)}
    drawn_region, drawn_label = draw_region_and_label(rngs["choice"])
    region, label = region or drawn_region, label or drawn_label
    habitus = draw_habitus(rngs["frame"], region, label)
    operated = bool(rngs["surgery"].random() < operated_share)
    bulky = bool(rngs["shoulder"].random() < bulky_share)
    grid = _grid(habitus, rngs["grid"], slices, matrix, spacing_mm)
    canvas = _paint(habitus, grid, rngs, operated, bulky, usual_levels)
    _add_tissue_texture(canvas, rngs["texture"])
    return Anatomy(region, label, habitus, canvas, rngs, operated, bulky)


def draw_region_and_label(rng: np.random.Generator) -> tuple[Region, Label]:
    """Region and label of a patient of whom the seed alone is given."""
    region = REGIONS[rng.choice(len(REGIONS))]
    return region, _DRAWN_LABELS[rng.choice(len(_DRAWN_LABELS))]


def _check(region: str | None, label: str | None, slices: int, matrix: int, shares: dict[str, float]) -> None:
    if region is not None and region not in REGIONS:
        raise ValueError(f"unknown region {region!r}; choose one of {', '.join(REGIONS)}")
    if label is not None and label not in LABELS:
        raise ValueError(f"unknown label {label!r}; choose one of {', '.join(LABELS)}")
    if slices < 1 or matrix < 16:
        raise ValueError(f"{slices} slices of {matrix} x {matrix} are too few; the least is 1 slice of 16 x 16")
    for trait, share in shares.items():
        if not 0 <= share <= 1:
            raise ValueError(f"the share of {trait} patients must lie between 0 and 1, found {share}")


def _grid(habitus: Habitus, rng: np.random.Generator, slices: int, matrix: int, spacing_mm) -> Grid:
    """Voxel grid in atlas mm around the imaged window, with the patient lying a little off centre."""
    shift = rng.normal(0, (4.0, 4.0))
    warp_x, warp_y = (SmoothField(child, _ATLAS_LOW_MM, _ATLAS_HIGH_MM, (46.0, 46.0, 60.0)) for child in rng.spawn(2))
    z = (np.arange(slices) - (slices - 1) / 2) * spacing_mm[2] / habitus.scale + habitus.window_mm
    y = (np.arange(matrix) - (matrix - 1) / 2) * spacing_mm[0] / habitus.scale + 14.0 + shift[0]
    x = (np.arange(matrix) - (matrix - 1) / 2) * spacing_mm[1] / habitus.scale + shift[1]
    return Grid(z, y, x, warp_x, warp_y, warp_mm=2.2)


def _add_tissue_texture(canvas: Canvas, rng: np.random.Generator) -> None:
    """Texture that belongs to the tissue, the same in both phases: strong in bone and lung, faint elsewhere."""
    shape = canvas.grid.shape
    fine = gaussian_filter(rng.standard_normal(shape, dtype=np.float32), (0.6, 1.2, 1.2))
    fine /= fine.std()
    levels = (-1000, -960, -900, -700, -200, -120, -60, 20, 90, 140, 260, 500, 900)
    strength = (0, 0, 22, 22, 10, 4, 6, 2.5, 2.5, 18, 22, 24, 15)
    fine *= np.interp(canvas.unenhanced_hu, levels, strength).astype(np.float32)
    canvas.unenhanced_hu += fine
    canvas.arterial_hu += fine


def _paint(
    habitus: Habitus,
    grid: Grid,
    rngs: dict[str, np.random.Generator],
    operated: bool,
    bulky: bool,
    usual_levels: bool,
) -> Canvas:
    canvas = Canvas(grid, draw_attenuation(rngs["tissue"], usual_levels))
    vessels = draw_vessels(habitus, rngs["vessels"])
    cage, muscle = paint_envelope(canvas, habitus, rngs["body"], rngs["shoulder"] if bulky else None)
    paint_neck_space(canvas, habitus, muscle, rngs["neck"])
    mediastinum = None
    if habitus.region != "neck" or habitus.window_mm < 125:
        mediastinum = paint_chest(canvas, habitus, vessels, cage, rngs["chest"])
    paint_abdomen(canvas, habitus, cage, rngs["abdomen"])
    paint_back_muscles(canvas, habitus, rngs["back"])
    paint_spine(canvas, habitus, rngs["spine"])
    paint_thorax(canvas, habitus, muscle, rngs["thorax"])
    paint_pelvis(canvas, habitus, rngs["pelvis"])
    paint_neck_organs(canvas, habitus, rngs["throat"])
    paint_jaw(canvas, habitus, muscle, rngs["jaw"])
    if habitus.region != "chest":
        paint_veins(canvas, vessels)
    paint_arteries(canvas, habitus, vessels, rngs["disease"], operated)
    if operated and mediastinum is not None:
        scar(canvas, mediastinum, rngs["surgery"])
        paint_sternal_wires(canvas, habitus, rngs["surgery"])
    return canvas
