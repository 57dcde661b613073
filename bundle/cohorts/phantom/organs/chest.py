"""The chest: lungs, mediastinum, heart and great veins, painted in order."""

from __future__ import annotations

import numpy as np

from cohorts.phantom.atlas.canvas import Canvas
from cohorts.phantom.atlas.habitus import Habitus
from cohorts.phantom.atlas.shapes import Shape, tube
from cohorts.phantom.atlas.tissues import Tissue
from cohorts.phantom.organs.heart import draw_heart, shape_heart
from cohorts.phantom.organs.lungs import airway_lines, paint_airways, paint_lung_trees, paint_lungs
from cohorts.phantom.organs.mediastinum import mediastinum, paint_nodes
from cohorts.phantom.organs.oesophagus import draw_oesophagus, paint_oesophagus
from cohorts.phantom.organs.vessels import Vessels, paint_veins, shapes_of


def paint_chest(canvas: Canvas, habitus: Habitus, vessels: Vessels, cage: Shape, rng: np.random.Generator) -> Shape:
    """Paint lungs, mediastinum and the great veins; the arteries follow later.

    Returns:
        The mediastinum.
    """
    heart_rng, middle_rng, lung_rng, tree_rng, air_rng, food_rng, node_rng = rng.spawn(7)
    heart = shape_heart(canvas.grid, draw_heart(habitus, heart_rng))
    lines = airway_lines(air_rng)
    airways = [tube(canvas.grid, line[: max(4, len(line) // 2)], reach_mm=12) for line in lines]
    middle = mediastinum(canvas, habitus, vessels, heart, airways, middle_rng)
    lungs = paint_lungs(canvas, habitus, cage, middle, lung_rng)
    paint_lung_trees(canvas, habitus, lungs, tree_rng)
    paint_nodes(canvas, node_rng)
    heart.paint(canvas)
    arteries = shapes_of(canvas, vessels.pulmonary_arteries)
    canvas.paint(arteries.grown(0.8), Tissue.VESSEL_WALL)
    canvas.paint(arteries, Tissue.PULMONARY_ARTERY)
    veins = shapes_of(canvas, vessels.pulmonary_veins)
    canvas.paint(veins.grown(0.7), Tissue.VESSEL_WALL)
    canvas.paint(veins, Tissue.LEFT_HEART)
    paint_veins(canvas, vessels)
    heart.paint_blood(canvas)
    paint_oesophagus(canvas, draw_oesophagus(habitus, food_rng))
    paint_airways(canvas, lines)
    return middle
