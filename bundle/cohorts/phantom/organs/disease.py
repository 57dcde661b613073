"""The arterial tree with its disease: aneurysm with thrombus, dissection with flap and two lumens, calcified plaque."""

from __future__ import annotations

import numpy as np

from cohorts.phantom.atlas.canvas import Canvas
from cohorts.phantom.atlas.frame import Frame
from cohorts.phantom.atlas.shapes import Shape, arc_length_mm, ellipsoid, on_box, tube, tube_with_position, union
from cohorts.phantom.atlas.tissues import Tissue
from cohorts.phantom.atlas.vessel_coordinates import vessel_coordinates
from cohorts.phantom.organs.surgery import paint_stent
from cohorts.phantom.organs.vessels import Vessels


def _site(frame: Frame, vessels: Vessels, rng: np.random.Generator) -> tuple[str, int]:
    """Vessel that carries the disease, and the index of its line's point in the middle of the imaged window."""
    offset, choice = float(rng.uniform(-8, 8)), float(rng.random())
    if frame.region == "neck":
        name = "left common carotid" if choice < 0.5 else "right common carotid"
        line = vessels.arteries[name]
        return name, int(np.argmin(np.abs(line[:, 2] - min(frame.window_mm + offset, line[-3, 2]))))
    top = int(np.argmax(vessels.aorta[:, 2]))
    level = frame.window_mm + offset
    ascending = frame.region == "chest" and level > -40 and choice < 0.45
    part = slice(2, top + 1) if ascending else slice(top, len(vessels.aorta) - 3)
    index = part.start + int(np.argmin(np.abs(vessels.aorta[part, 2] - level)))
    return "aorta", index


def paint_arteries(
    canvas: Canvas, frame: Frame, vessels: Vessels, rng: np.random.Generator, operated: bool = False
) -> None:
    """Paint the arterial tree of a patient with the disease of its label; an operated aorta may hold a stent-graft."""
    where, sick, flakes, surgery = rng.spawn(4)
    name, index = _site(frame, vessels, where)
    lines = {"aorta": vessels.aorta, **vessels.arteries}
    shapes: list[Shape] = []
    walls: list[Shape] = []
    thrombus: list[Shape] = []
    target = None
    stented = vessels.aorta if operated and name == "aorta" and frame.label == "atherosclerosis" else None
    for vessel, line in lines.items():
        outer = line.copy()
        if vessel == name and frame.label == "aneurysm":
            outer = _bulged(frame, line, index, sick)
            lumen, clot, inner = _aneurysm(canvas, frame, line, outer, index, sick)
            stented = inner if operated and name == "aorta" else None
            shapes.append(lumen)
            thrombus.append(clot)
            walls.append(clot.grown(1.3))
            continue
        if vessel == name and frame.label == "dissection":
            outer = line.copy()
            outer[:, 3] *= 1 + 0.28 * _bump(line, index, 60.0 if frame.region != "neck" else 22.0)
        thick = 1.3 if vessel == "aorta" else 0.7
        lumen = tube(canvas.grid, outer, rough_mm=0.3 if vessel == "aorta" else 0.12, seed=7)
        if vessel == name:
            target = outer
        shapes.append(lumen)
        # The root opens into the left ventricle: its wall begins a little higher.
        walls.append((tube(canvas.grid, outer[3:]) if vessel == "aorta" else lumen).grown(thick))
    wall, lumen = union(walls, 1.5), union(shapes, 1.0)
    canvas.paint(wall.grown(0.8), Tissue.FAT, 0.3)  # adventitial fat parts the vessel from its neighbours
    canvas.paint(wall, Tissue.VESSEL_WALL)
    for clot in thrombus:
        canvas.paint(clot, Tissue.THROMBUS)
    canvas.paint(lumen, Tissue.ARTERY)
    if frame.label == "dissection" and target is not None:
        _paint_dissection(canvas, frame, target, index, sick)
    _paint_plaques(canvas, frame, {**lines}, lumen, wall, flakes)
    if stented is not None:
        paint_stent(canvas, frame, stented, index, surgery)


def _bump(line: np.ndarray, index: int, width_mm: float) -> np.ndarray:
    arc = arc_length_mm(line)
    return np.exp(-(((arc - arc[index]) / width_mm) ** 2))


def _bulged(frame: Frame, line: np.ndarray, index: int, rng: np.random.Generator) -> np.ndarray:
    """Outer line of an aneurysm: 35 to 60 mm wide in the aorta, 12 to 20 mm in the carotid."""
    outer = line.copy()
    neck = frame.region == "neck"
    wide = float(rng.uniform(12, 20) if neck else rng.uniform(38, 60) if line[index, 3] < 14 else rng.uniform(45, 60))
    target = wide / 2 / frame.scale
    gain = max(target - line[index, 3], 3.0)
    outer[:, 3] += gain * _bump(line, index, float(rng.uniform(11, 16) if neck else rng.uniform(26, 42)))
    # A bulge grows away from the spine.
    turn = rng.uniform(-1.2, 1.2)
    push = gain * 0.45 * _bump(line, index, 34.0)
    outer[:, 0] += push * np.sin(turn)
    outer[:, 1] -= push * np.cos(turn)
    return outer


def _aneurysm(
    canvas: Canvas, frame: Frame, line, outer, index: int, rng: np.random.Generator
) -> tuple[Shape, Shape, np.ndarray]:
    """Lumen, the sac that holds lumen and thrombus, and the lumen's line."""
    seed = int(rng.integers(2**62))
    share = float(rng.uniform(0.45, 0.75))
    direction = float(rng.uniform(0, 2 * np.pi))
    bump = _bump(line, index, 30.0 if frame.region != "neck" else 12.0)
    inner = outer.copy()
    inner[:, 3] = line[:, 3] + np.maximum((outer[:, 3] - line[:, 3]) * share - 1.0 * bump, 0)
    room = np.maximum(outer[:, 3] - inner[:, 3] - 1.0, 0) * bump * 0.8
    inner[:, 0] += room * np.cos(direction)
    inner[:, 1] += room * np.sin(direction)
    rough = 0.8 if frame.region != "neck" else 0.3
    sac = tube(canvas.grid, outer, rough_mm=rough, rough_length_mm=16, seed=seed)
    lumen = tube(canvas.grid, inner, rough_mm=rough, rough_length_mm=11, seed=seed + 1)
    return Shape(lumen.box, lumen.distance_mm), union([sac, lumen.grown(0.4)]), inner


def _paint_dissection(canvas: Canvas, frame: Frame, line: np.ndarray, index: int, rng: np.random.Generator) -> None:
    """Split the lumen by a thin flap that winds along the vessel; the larger part is the false lumen."""
    vessel, position = tube_with_position(canvas.grid, line, rough_mm=0.3, seed=7)
    start, twist = float(rng.uniform(0, 2 * np.pi)), float(rng.uniform(-0.012, 0.012))
    curve, shift = float(rng.uniform(-0.35, 0.35)), float(rng.uniform(0.05, 0.3))
    wave = SmoothAlong(rng)
    if vessel.distance_mm.size == 0:
        return
    long = 130.0 if frame.region != "neck" else 40.0
    at = vessel_coordinates(canvas.grid, vessel, position, line, start + twist * arc_length_mm(line))
    ends = np.clip((long - np.abs(at.arc_mm - at.arc_of(index))) / np.float32(12.0), -1, 1)
    offset = at.radius_mm * (np.float32(shift) + wave(at.arc_mm) * np.float32(0.12) + (1 - ends) * np.float32(0.6))
    sheet = at.u_mm - offset - np.float32(curve) * (at.v_mm**2 / at.radius_mm - at.radius_mm * np.float32(0.4))
    thick = 1.1 if frame.region != "neck" else 0.6
    false = Shape(vessel.box, np.maximum(vessel.distance_mm, sheet))
    canvas.paint(Shape(vessel.box, np.where(ends > 0, false.distance_mm, np.float32(50))), Tissue.FALSE_LUMEN)
    flap = np.maximum(vessel.distance_mm, np.abs(sheet) - np.float32(thick / 2))
    canvas.paint(Shape(vessel.box, np.where(ends > 0, flap, np.float32(50))), Tissue.VESSEL_WALL)


class SmoothAlong:
    """Smooth wave along a vessel, of about unit size."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._period, self._phase = rng.uniform(35, 80, 2), rng.uniform(0, 2 * np.pi, 2)

    def __call__(self, arc_mm: np.ndarray) -> np.ndarray:
        waves = (np.sin(2 * np.pi * arc_mm / p + f) for p, f in zip(self._period, self._phase, strict=True))
        return sum(waves).astype(np.float32)


_PLAQUES_PER_100_MM = {"healthy": 0.6, "aneurysm": 14.0, "dissection": 3.0, "atherosclerosis": 30.0}


def _paint_plaques(canvas: Canvas, frame: Frame, lines, lumen: Shape, wall: Shape, rng: np.random.Generator) -> None:
    """Calcified and soft plaque on the inside of the wall; calcium crowds at branch points and in old age."""
    ageing = 0.5 + float(np.clip((frame.age - 40) / 40, 0, 1.2))
    density = _PLAQUES_PER_100_MM[frame.label] * (max(ageing, 1.0) if frame.label == "atherosclerosis" else ageing)
    big = ("aorta", "iliac", "carotid", "brachiocephalic", "subclavian", "coeliac", "mesenteric", "renal")
    flakes: list[Shape] = []
    for vessel, line in lines.items():
        length = 4.0 * len(line)
        count = rng.poisson(density * length / 100 * (1.0 if vessel == "aorta" else 0.5))
        draws = rng.uniform(0, 1, (count, 6))
        if not any(word in vessel for word in big):
            continue
        for i, angle, a, b, c, kind in draws:
            point = line[min(int(i * len(line)), len(line) - 1)]
            if abs(point[2] - frame.window_mm) > 60 / frame.scale:
                continue
            turn = 2 * np.pi * angle
            outward = np.array([np.cos(turn), np.sin(turn), 0.0])
            centre = point[:3] + outward * point[3]
            grow = 1.0 if vessel == "aorta" else 0.55
            semi = np.array([1.0 + 1.3 * a**2, 1.5 + 5.0 * b**2, 1.5 + 5.0 * c**2]) * grow
            axes = np.stack([outward, [-outward[1], outward[0], 0], [0, 0, 1]])
            if kind < 0.22 and frame.label == "atherosclerosis":  # soft plaque narrows the lumen
                soft = ellipsoid(canvas.grid, centre, semi * [1.6, 1.4, 1.4], axes=axes, reach_mm=2)
                canvas.paint(Shape(soft.box, np.maximum(soft.distance_mm, on_box(wall, soft.box))), Tissue.THROMBUS)
            flakes.append(
                ellipsoid(
                    canvas.grid,
                    centre,
                    semi,
                    axes=axes,
                    rough_mm=0.3,
                    rough_length_mm=3,
                    seed=int(1e9 * angle),
                    reach_mm=2,
                )
            )
    for flake in flakes:
        near_wall = np.abs(on_box(wall, flake.box) + np.float32(1.0)) - np.float32(1.7)
        canvas.paint(Shape(flake.box, np.maximum(flake.distance_mm, near_wall)), Tissue.CALCIUM)
