"""One synthetic patient: NCCT, CTA as acquired, CTA on the NCCT's anatomy, and the map of structures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import get_args

import numpy as np
from scipy.ndimage import gaussian_filter

from .abdomen import paint_abdomen
from .body import paint_envelope
from .bones import paint_jaw, paint_pelvis, paint_thorax
from .canvas import Canvas
from .chest import paint_chest
from .deformation import deform, random_displacement_mm
from .disease import paint_arteries
from .frame import Frame, Label, Region, draw_frame
from .neck import paint_neck_organs, paint_neck_space
from .scanner import acquire, blur, draw_scanner
from .shapes import Grid
from .smooth_noise import SmoothField
from .spine import paint_back_muscles, paint_spine
from .surgery import paint_sternal_wires, scar
from .tissues import draw_attenuation
from .vessels import draw_vessels, paint_veins

REGIONS: tuple[Region, ...] = get_args(Region)
LABELS: tuple[Label, ...] = get_args(Label)

# Raised whenever anatomy or scanner change, so that stored patients of an older version are made again.
GENERATOR_VERSION = 4

_ATLAS_LOW_MM, _ATLAS_HIGH_MM = (-220.0, -200.0, -400.0), (220.0, 200.0, 230.0)


@dataclass(frozen=True)
class PhantomPatient:
    """One patient on the NCCT's grid. Arrays are (z, y, x); z to the head, y to posterior, x to the patient's left.

    Attributes:
        seed: seed that gives this patient again.
        patient_id: identifier, "PHANTOM-" and the seed.
        region, label: what is imaged, and the disease.
        spacing_mm: (row, column, slice).
        misalignment_mm: root mean square displacement of `cta_hu` inside the body.
        ncct_hu, cta_hu, cta_aligned_hu: int16.
        structures: uint8, values of `scripts.structures.Structure`.
        sex: "M" or "F".
        age_years: age, which goes with calibres and calcium.
        operated, bulky: what the shares drew; see `generate_patient`.
    """

    seed: int
    patient_id: str
    region: Region
    label: Label
    spacing_mm: tuple[float, float, float]
    misalignment_mm: float
    ncct_hu: np.ndarray
    cta_hu: np.ndarray
    cta_aligned_hu: np.ndarray
    structures: np.ndarray
    sex: str = "O"
    age_years: int = 60
    operated: bool = False
    bulky: bool = False


def _check(
    region: str | None, label: str | None, slices: int, matrix: int, misalignment_mm: float, shares: dict[str, float]
) -> None:
    if region is not None and region not in REGIONS:
        raise ValueError(f"region is {region!r}; choose one of {', '.join(REGIONS)}")
    if label is not None and label not in LABELS:
        raise ValueError(f"label is {label!r}; choose one of {', '.join(LABELS)}")
    if slices < 1 or matrix < 16:
        raise ValueError(f"{slices} slices of {matrix} x {matrix} asked for; at least 1 slice of 16 x 16 is needed")
    if misalignment_mm < 0:
        raise ValueError(f"misalignment is {misalignment_mm} mm; it cannot be negative")
    for kind, share in shares.items():
        if not 0 <= share <= 1:
            raise ValueError(f"share of {kind} patients is {share}; it lies between 0 and 1")


def _grid(frame: Frame, rng: np.random.Generator, slices: int, matrix: int, spacing_mm) -> Grid:
    """Voxel grid in atlas mm around the imaged window, with the patient lying a little off centre."""
    shift = rng.normal(0, (4.0, 4.0))
    fields = [SmoothField(child, _ATLAS_LOW_MM, _ATLAS_HIGH_MM, (46.0, 46.0, 60.0)) for child in rng.spawn(2)]
    z = (np.arange(slices) - (slices - 1) / 2) * spacing_mm[2] / frame.scale + frame.window_mm
    y = (np.arange(matrix) - (matrix - 1) / 2) * spacing_mm[0] / frame.scale + 14.0 + shift[0]
    x = (np.arange(matrix) - (matrix - 1) / 2) * spacing_mm[1] / frame.scale + shift[1]
    return Grid(z, y, x, *fields, warp_mm=2.2)


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


def _paint(frame: Frame, grid: Grid, rngs: dict[str, np.random.Generator], operated: bool, bulky: bool) -> Canvas:
    canvas = Canvas(grid, draw_attenuation(rngs["tissue"]))
    vessels = draw_vessels(frame, rngs["vessels"])
    cage, muscle = paint_envelope(canvas, frame, rngs["body"], rngs["shoulder"] if bulky else None)
    paint_neck_space(canvas, frame, muscle, rngs["neck"])
    mediastinum = None
    if frame.region != "neck" or frame.window_mm < 125:
        mediastinum = paint_chest(canvas, frame, vessels, cage, rngs["chest"])
    paint_abdomen(canvas, frame, cage, rngs["abdomen"])
    paint_back_muscles(canvas, frame, rngs["back"])
    paint_spine(canvas, frame, rngs["spine"])
    paint_thorax(canvas, frame, muscle, rngs["thorax"])
    paint_pelvis(canvas, frame, rngs["pelvis"])
    paint_neck_organs(canvas, frame, rngs["throat"])
    paint_jaw(canvas, frame, muscle, rngs["jaw"])
    if frame.region != "chest":
        paint_veins(canvas, vessels)
    paint_arteries(canvas, frame, vessels, rngs["disease"], operated)
    if operated and mediastinum is not None:
        scar(canvas, mediastinum, rngs["surgery"])
        paint_sternal_wires(canvas, frame, rngs["surgery"])
    return canvas


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
)
_STREAMS += (
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
)


def generate_patient(
    seed: int,
    region: Region | None = None,
    label: Label | None = None,
    *,
    slices: int = 48,
    matrix: int = 512,
    spacing_mm: tuple[float, float, float] = (0.67, 0.67, 1.25),
    misalignment_mm: float = 4.0,
    operated_share: float = 0.0,
    bulky_share: float = 0.0,
) -> PhantomPatient:
    """Generate one patient; everything follows from the arguments alone.

    Anatomy is defined in mm, so that matrix and spacing change only the sampling. Each part has its own random stream,
    so that (for example) another misalignment leaves the anatomy and the NCCT as they are.

    Args:
        seed: non-negative integer.
        region: drawn from the seed when None.
        label: drawn from the seed when None. In the neck the disease sits in a common carotid artery.
        slices, matrix: size of the volumes, (slices, matrix, matrix).
        spacing_mm: (row, column, slice).
        misalignment_mm: root mean square displacement inside the body between `ncct_hu` and `cta_hu`.
        operated_share: probability of an operation: in the aorta a stent-graft where the label is aneurysm or
            atherosclerosis, in the chest sternal wires and a scarred mediastinum.
        bulky_share: probability of bulky muscles around the shoulder blades; only a chest shows them.

    Raises:
        ValueError: if an argument is outside its range.
    """
    _check(region, label, slices, matrix, misalignment_mm, {"operated": operated_share, "bulky": bulky_share})
    streams = np.random.SeedSequence(seed).spawn(len(_STREAMS))
    rngs = {name: np.random.default_rng(stream) for name, stream in zip(_STREAMS, streams, strict=True)}
    drawn_region, drawn_label = (str(rngs["choice"].choice(names)) for names in (REGIONS, LABELS))
    region, label = region or drawn_region, label or drawn_label
    frame = draw_frame(rngs["frame"], region, label)
    operated = bool(rngs["surgery"].random() < operated_share)
    bulky = bool(rngs["shoulder"].random() < bulky_share)
    canvas = _paint(frame, _grid(frame, rngs["grid"], slices, matrix, spacing_mm), rngs, operated, bulky)
    _add_tissue_texture(canvas, rngs["texture"])

    structures = canvas.structures
    # One scanner and protocol for both: only the dose, and with it the noise, differs. Bone and fat stay the same then.
    first = draw_scanner(rngs["scanner"])
    second = replace(first, noise_hu=draw_scanner(rngs["scanner"]).noise_hu)
    displacement = random_displacement_mm(rngs["motion"], structures.shape, spacing_mm, misalignment_mm, structures > 0)
    moved = deform(canvas.arterial_hu, displacement, spacing_mm) if misalignment_mm else canvas.arterial_hu
    del displacement

    def scan(clean_hu: np.ndarray, scanner, noise: str) -> np.ndarray:
        return acquire(blur(clean_hu, scanner, spacing_mm), scanner, spacing_mm, rngs[noise])

    return PhantomPatient(
        seed=seed,
        patient_id=f"PHANTOM-{seed:04d}",
        region=region,
        label=label,
        spacing_mm=tuple(float(s) for s in spacing_mm),
        misalignment_mm=float(misalignment_mm),
        ncct_hu=scan(canvas.unenhanced_hu, first, "ncct noise"),
        cta_hu=scan(moved, second, "cta noise"),
        cta_aligned_hu=scan(canvas.arterial_hu, second, "aligned noise"),
        structures=structures,
        sex="F" if frame.female else "M",
        age_years=round(frame.age),
        operated=operated,
        bulky=bulky,
    )
