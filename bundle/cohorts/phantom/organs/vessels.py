"""All great vessels of one patient, and painting of the veins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cohorts.phantom.atlas.arteries import draw_aorta, draw_arteries, draw_pulmonary_arteries
from cohorts.phantom.atlas.canvas import Canvas
from cohorts.phantom.atlas.habitus import Habitus
from cohorts.phantom.atlas.shapes import Shape, tube, union
from cohorts.phantom.atlas.tissues import Tissue
from cohorts.phantom.atlas.veins import draw_pulmonary_veins, draw_veins


@dataclass(frozen=True)
class Vessels:
    """All great vessels of one patient; `aorta` runs from the root to its bifurcation."""

    aorta: np.ndarray
    arteries: dict[str, np.ndarray]
    veins: dict[str, tuple[Tissue, np.ndarray]]
    pulmonary_arteries: dict[str, np.ndarray]
    pulmonary_veins: dict[str, np.ndarray]


def draw_vessels(habitus: Habitus, rng: np.random.Generator) -> Vessels:
    """Draw course and calibre of every great vessel."""
    aorta = draw_aorta(habitus, rng)
    return Vessels(
        aorta=aorta,
        arteries=draw_arteries(habitus, rng, aorta),
        veins=draw_veins(habitus, rng),
        pulmonary_arteries=draw_pulmonary_arteries(habitus, rng),
        pulmonary_veins=draw_pulmonary_veins(rng),
    )


def shapes_of(canvas: Canvas, lines: dict[str, np.ndarray], reach_mm: float = 3.0) -> Shape:
    """Union of several vessels."""
    return union([tube(canvas.grid, line, reach_mm=reach_mm) for line in lines.values()], 2.0)


def paint_veins(canvas: Canvas, vessels: Vessels) -> None:
    """Veins outside the heart and lungs."""
    veins = [
        (tissue, tube(canvas.grid, line, rough_mm=0.35, seed=len(line))) for tissue, line in vessels.veins.values()
    ]
    for _, vein in veins:
        canvas.paint(vein.grown(0.7), Tissue.VESSEL_WALL)
    for tissue, vein in veins:
        canvas.paint(vein, tissue)
