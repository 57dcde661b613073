"""The arterial tree with its disease: aneurysm with thrombus, dissection with flap and two lumens, calcified plaque.

Each disease is drawn once, as an object of numbers; shapes and painting follow from it and draw nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cohorts.phantom.atlas.canvas import Canvas
from cohorts.phantom.atlas.habitus import Habitus
from cohorts.phantom.atlas.shapes import Grid, Shape, arc_length_mm, ellipsoid, on_box, tube, tube_with_position, union
from cohorts.phantom.atlas.tissues import Tissue
from cohorts.phantom.atlas.vessel_coordinates import vessel_coordinates
from cohorts.phantom.organs.surgery import paint_stent
from cohorts.phantom.organs.vessels import Vessels

_PLAQUES_PER_100_MM = {"healthy": 0.6, "aneurysm": 14.0, "dissection": 3.0, "atherosclerosis": 30.0}
_CALCIFIED = ("aorta", "iliac", "carotid", "brachiocephalic", "subclavian", "coeliac", "mesenteric", "renal")
_TUBE_SEED = 7  # of a vessel's own roughness, which flap and lumen share


@dataclass(frozen=True)
class Site:
    """Where the disease sits: the vessel, and the index of its line's point in the middle of it."""

    vessel: str
    index: int


@dataclass(frozen=True)
class Aneurysm:
    """A bulge with thrombus in it.

    Attributes:
        gain_mm: what the radius grows by in the middle.
        length_mm: along the vessel, to where a third of it is left.
        turn_rad: direction in which it grows, from anterior; away from the spine.
        seed: of the roughness of sac and lumen.
        lumen_share: of the gain that is lumen; the rest is thrombus.
        lumen_rad: direction of the lumen in the sac.
    """

    gain_mm: float
    length_mm: float
    turn_rad: float
    seed: int
    lumen_share: float
    lumen_rad: float


@dataclass(frozen=True)
class Dissection:
    """A flap that winds along a vessel.

    Attributes:
        start_rad, twist_rad_per_mm: direction of the false lumen, and how it turns.
        curve: of the flap in the cross-section.
        shift: of the flap from the vessel's middle, as a share of the radius.
        periods_mm, phases_rad: two waves of the flap along the vessel.
    """

    start_rad: float
    twist_rad_per_mm: float
    curve: float
    shift: float
    periods_mm: np.ndarray
    phases_rad: np.ndarray

    def wave(self, arc_mm: np.ndarray) -> np.ndarray:
        """The waves at places along the vessel, of about unit size."""
        first, second = (
            np.sin(2 * np.pi * arc_mm / period + phase)
            for period, phase in zip(self.periods_mm, self.phases_rad, strict=True)
        )
        return (0 + first + second).astype(np.float32)


@dataclass(frozen=True)
class Plaque:
    """A flake of calcium on the inside of a wall.

    Attributes:
        centre_mm: (x, y, z).
        semi_mm: half lengths outwards, around and along the vessel.
        axes: their directions.
        seed: of its roughness.
        is_soft: whether soft plaque around it narrows the lumen.
    """

    centre_mm: np.ndarray
    semi_mm: np.ndarray
    axes: np.ndarray
    seed: int
    is_soft: bool


def draw_site(habitus: Habitus, vessels: Vessels, rng: np.random.Generator) -> Site:
    """Draw where the disease sits, in the imaged window; in the neck that is a common carotid artery."""
    offset, choice = float(rng.uniform(-8, 8)), float(rng.random())
    if habitus.region == "neck":
        name = "left common carotid" if choice < 0.5 else "right common carotid"
        line = vessels.arteries[name]
        return Site(name, int(np.argmin(np.abs(line[:, 2] - min(habitus.window_mm + offset, line[-3, 2])))))
    top = int(np.argmax(vessels.aorta[:, 2]))
    level = habitus.window_mm + offset
    ascending = habitus.region == "chest" and level > -40 and choice < 0.45
    part = slice(2, top + 1) if ascending else slice(top, len(vessels.aorta) - 3)
    return Site("aorta", part.start + int(np.argmin(np.abs(vessels.aorta[part, 2] - level))))


def draw_aneurysm(habitus: Habitus, radius_mm: float, rng: np.random.Generator) -> Aneurysm:
    """Draw an aneurysm: 35 to 60 mm wide in the aorta, 12 to 20 mm in the carotid.

    Args:
        habitus: the patient's build.
        radius_mm: of the healthy vessel there, in atlas mm.
        rng: source.
    """
    in_neck = habitus.region == "neck"
    width_mm = float(rng.uniform(12, 20) if in_neck else rng.uniform(38, 60) if radius_mm < 14 else rng.uniform(45, 60))
    return Aneurysm(
        gain_mm=max(width_mm / 2 / habitus.scale - radius_mm, 3.0),
        length_mm=float(rng.uniform(11, 16) if in_neck else rng.uniform(26, 42)),
        turn_rad=rng.uniform(-1.2, 1.2),
        seed=int(rng.integers(2**62)),
        lumen_share=float(rng.uniform(0.45, 0.75)),
        lumen_rad=float(rng.uniform(0, 2 * np.pi)),
    )


def draw_dissection(rng: np.random.Generator) -> Dissection:
    """Draw a dissection; the larger part of the lumen is the false one."""
    return Dissection(
        start_rad=float(rng.uniform(0, 2 * np.pi)),
        twist_rad_per_mm=float(rng.uniform(-0.012, 0.012)),
        curve=float(rng.uniform(-0.35, 0.35)),
        shift=float(rng.uniform(0.05, 0.3)),
        periods_mm=rng.uniform(35, 80, 2),
        phases_rad=rng.uniform(0, 2 * np.pi, 2),
    )


def draw_plaques(habitus: Habitus, lines: Mapping[str, np.ndarray], rng: np.random.Generator) -> list[Plaque]:
    """Draw plaque of all arteries near the imaged window; calcium crowds in old age."""
    ageing = 0.5 + float(np.clip((habitus.age - 40) / 40, 0, 1.2))
    density = _PLAQUES_PER_100_MM[habitus.label] * (max(ageing, 1.0) if habitus.label == "atherosclerosis" else ageing)
    plaques = []
    for vessel, line in lines.items():
        length = 4.0 * len(line)
        count = rng.poisson(density * length / 100 * (1.0 if vessel == "aorta" else 0.5))
        draws = rng.uniform(0, 1, (count, 6))
        if not any(word in vessel for word in _CALCIFIED):
            continue
        for along, around, depth, width, height, soft in draws:
            point = line[min(int(along * len(line)), len(line) - 1)]
            if abs(point[2] - habitus.window_mm) > 60 / habitus.scale:
                continue
            turn = 2 * np.pi * around
            outward = np.array([np.cos(turn), np.sin(turn), 0.0])
            grow = 1.0 if vessel == "aorta" else 0.55
            plaques.append(
                Plaque(
                    centre_mm=point[:3] + outward * point[3],
                    semi_mm=np.array([1.0 + 1.3 * depth**2, 1.5 + 5.0 * width**2, 1.5 + 5.0 * height**2]) * grow,
                    axes=np.stack([outward, [-outward[1], outward[0], 0], [0, 0, 1]]),
                    seed=int(1e9 * around),
                    is_soft=bool(soft < 0.22 and habitus.label == "atherosclerosis"),
                )
            )
    return plaques


def paint_arteries(
    canvas: Canvas, habitus: Habitus, vessels: Vessels, rng: np.random.Generator, operated: bool = False
) -> None:
    """Paint the arterial tree of a patient with the disease of its label; an operated aorta may hold a stent-graft."""
    where, disease_rng, plaque_rng, surgery = rng.spawn(4)
    site = draw_site(habitus, vessels, where)
    lines = {"aorta": vessels.aorta, **vessels.arteries}
    of_aorta = operated and site.vessel == "aorta"
    stented = vessels.aorta if of_aorta and habitus.label == "atherosclerosis" else None
    sick_line = lines[site.vessel]
    shapes: list[Shape] = []
    walls: list[Shape] = []
    thrombus: list[Shape] = []
    for vessel, line in lines.items():
        if vessel == site.vessel and habitus.label == "aneurysm":
            aneurysm = draw_aneurysm(habitus, line[site.index, 3], disease_rng)
            lumen, sac, lumen_line = shape_aneurysm(canvas.grid, habitus, line, site.index, aneurysm)
            stented = lumen_line if of_aorta else None
            shapes.append(lumen)
            thrombus.append(sac)
            walls.append(sac.grown(1.3))
            continue
        outer = line.copy()
        if vessel == site.vessel and habitus.label == "dissection":
            outer[:, 3] *= 1 + 0.28 * _bump(line, site.index, 60.0 if habitus.region != "neck" else 22.0)
        if vessel == site.vessel:
            sick_line = outer
        lumen = tube(canvas.grid, outer, rough_mm=0.3 if vessel == "aorta" else 0.12, seed=_TUBE_SEED)
        shapes.append(lumen)
        # The root opens into the left ventricle: its wall begins a little higher.
        thick_mm = 1.3 if vessel == "aorta" else 0.7
        walls.append((tube(canvas.grid, outer[3:]) if vessel == "aorta" else lumen).grown(thick_mm))
    wall, lumen = union(walls, 1.5), union(shapes, 1.0)
    canvas.paint(wall.grown(0.8), Tissue.FAT, 0.3)  # adventitial fat separates the vessel from its neighbours
    canvas.paint(wall, Tissue.VESSEL_WALL)
    for sac in thrombus:
        canvas.paint(sac, Tissue.THROMBUS)
    canvas.paint(lumen, Tissue.ARTERY)
    if habitus.label == "dissection":
        _paint_dissection(canvas, habitus, sick_line, site.index, draw_dissection(disease_rng))
    _paint_plaques(canvas, draw_plaques(habitus, lines, plaque_rng), wall)
    if stented is not None:
        paint_stent(canvas, habitus, stented, site.index, surgery)


def _bump(line: np.ndarray, index: int, width_mm: float) -> np.ndarray:
    arc = arc_length_mm(line)
    return np.exp(-(((arc - arc[index]) / width_mm) ** 2))


def shape_aneurysm(
    grid: Grid, habitus: Habitus, line: np.ndarray, index: int, aneurysm: Aneurysm
) -> tuple[Shape, Shape, np.ndarray]:
    """Lumen, the sac that holds lumen and thrombus, and the lumen's line."""
    outer = line.copy()
    outer[:, 3] += aneurysm.gain_mm * _bump(line, index, aneurysm.length_mm)
    push = aneurysm.gain_mm * 0.45 * _bump(line, index, 34.0)
    outer[:, 0] += push * np.sin(aneurysm.turn_rad)
    outer[:, 1] -= push * np.cos(aneurysm.turn_rad)
    bump = _bump(line, index, 30.0 if habitus.region != "neck" else 12.0)
    inner = outer.copy()
    inner[:, 3] = line[:, 3] + np.maximum((outer[:, 3] - line[:, 3]) * aneurysm.lumen_share - 1.0 * bump, 0)
    room = np.maximum(outer[:, 3] - inner[:, 3] - 1.0, 0) * bump * 0.8
    inner[:, 0] += room * np.cos(aneurysm.lumen_rad)
    inner[:, 1] += room * np.sin(aneurysm.lumen_rad)
    rough_mm = 0.8 if habitus.region != "neck" else 0.3
    sac = tube(grid, outer, rough_mm=rough_mm, rough_length_mm=16, seed=aneurysm.seed)
    lumen = tube(grid, inner, rough_mm=rough_mm, rough_length_mm=11, seed=aneurysm.seed + 1)
    return lumen, union([sac, lumen.grown(0.4)]), inner


def _paint_dissection(canvas: Canvas, habitus: Habitus, line: np.ndarray, index: int, dissection: Dissection) -> None:
    """Split the lumen by a thin flap."""
    vessel, position = tube_with_position(canvas.grid, line, rough_mm=0.3, seed=_TUBE_SEED)
    if vessel.distance_mm.size == 0 or position is None:
        return
    long_mm, thick_mm = (130.0, 1.1) if habitus.region != "neck" else (40.0, 0.6)
    turns = dissection.start_rad + dissection.twist_rad_per_mm * arc_length_mm(line)
    at = vessel_coordinates(canvas.grid, vessel, position, line, turns)
    ends = np.clip((long_mm - np.abs(at.arc_mm - at.arc_of(index))) / np.float32(12.0), -1, 1)
    middle = np.float32(dissection.shift) + dissection.wave(at.arc_mm) * np.float32(0.12)
    offset = at.radius_mm * (middle + (1 - ends) * np.float32(0.6))
    bow = at.v_mm**2 / at.radius_mm - at.radius_mm * np.float32(0.4)
    sheet = at.u_mm - offset - np.float32(dissection.curve) * bow
    false_lumen = np.maximum(vessel.distance_mm, sheet)
    canvas.paint(Shape(vessel.box, np.where(ends > 0, false_lumen, np.float32(50))), Tissue.FALSE_LUMEN)
    flap = np.maximum(vessel.distance_mm, np.abs(sheet) - np.float32(thick_mm / 2))
    canvas.paint(Shape(vessel.box, np.where(ends > 0, flap, np.float32(50))), Tissue.VESSEL_WALL)


def _paint_plaques(canvas: Canvas, plaques: Sequence[Plaque], wall: Shape) -> None:
    """Soft plaque first, then the calcium of all, along the inside of the wall."""
    flakes = []
    for plaque in plaques:
        if plaque.is_soft:
            semi_mm = plaque.semi_mm * [1.6, 1.4, 1.4]
            soft = ellipsoid(canvas.grid, plaque.centre_mm, semi_mm, axes=plaque.axes, reach_mm=2)
            canvas.paint(Shape(soft.box, np.maximum(soft.distance_mm, on_box(wall, soft.box))), Tissue.THROMBUS)
        flakes.append(
            ellipsoid(
                canvas.grid,
                plaque.centre_mm,
                plaque.semi_mm,
                axes=plaque.axes,
                rough_mm=0.3,
                rough_length_mm=3,
                seed=plaque.seed,
                reach_mm=2,
            )
        )
    for flake in flakes:
        near_wall = np.abs(on_box(wall, flake.box) + np.float32(1.0)) - np.float32(1.7)
        canvas.paint(Shape(flake.box, np.maximum(flake.distance_mm, near_wall)), Tissue.CALCIUM)
