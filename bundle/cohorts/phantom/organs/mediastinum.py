"""The space between the lungs: its outline and lymph nodes."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import distance_transform_edt, gaussian_filter

from cohorts.phantom.atlas.canvas import Canvas
from cohorts.phantom.atlas.habitus import Habitus
from cohorts.phantom.atlas.shapes import FAR_MM, Shape, ellipsoid, smooth_line, tube, union
from cohorts.phantom.atlas.smooth_noise import linear_zoom
from cohorts.phantom.atlas.tissues import Tissue
from cohorts.phantom.organs.heart import Heart
from cohorts.phantom.organs.vessels import Vessels

_CLOSING_MM = 22.0


def mediastinum(
    canvas: Canvas, habitus: Habitus, vessels: Vessels, heart: Heart, airways: list[Shape], rng: np.random.Generator
) -> Shape:
    """The space between the lungs: great vessels, heart, airways, spine, and the fat in the crevices between them."""
    grid = canvas.grid
    fat = float(rng.uniform(2.0, 5.5))
    plump = float(rng.uniform(0.7, 1.35))
    front = [
        (0, float(habitus.on_cage(np.array(0.0), np.array(float(z)))[1]) + 4, z, r * plump)
        for z, r in ((60, 13), (35, 14), (10, 11), (-25, 9), (-60, 10), (-100, 16))
    ]
    spine, behind = [], []
    for z in range(-180, 91, 15):
        x, y = habitus.spine(z)
        spine.append((x, y + 2, z, float(np.interp(z, (-180, -60, 60), (20, 17, 15)))))
        behind.append((x, y + 36, z, 27.0))
    aorta = vessels.aorta
    top = int(np.argmax(aorta[:, 2]))
    parts = [
        tube(grid, aorta[: top + 2], reach_mm=14).grown(fat),
        tube(grid, aorta[top:], reach_mm=14).grown(1.2),  # the lung touches the descending aorta
        heart.envelope.grown(2.0),
        tube(grid, smooth_line(front, 8), reach_mm=12),
        tube(grid, smooth_line(spine, 8), reach_mm=12),
        tube(grid, smooth_line(behind, 8), reach_mm=12),
        tube(
            grid,
            smooth_line(
                [
                    (0, 14, 95, 34),
                    (0, 18, 74, 27),
                    (0, 24, 50, 19),
                    (4, 30, 10, 17),
                    (2, 32, -20, 16),
                    (4, 36, -60, 13),
                    (6, 36, -120, 14),
                ],
                6,
            ),
            reach_mm=12,
        ),
    ]
    parts += [tube(grid, line[:4], reach_mm=12).grown(2.0) for line in vessels.pulmonary_arteries.values()]
    parts.append(tube(grid, vessels.pulmonary_arteries["trunk"], reach_mm=12).grown(2.5))
    for name in ("superior cava", "left brachiocephalic", "right brachiocephalic", "azygos", "inferior cava"):
        parts.append(tube(grid, vessels.veins[name][1], reach_mm=12).grown(1.2))
    for name in (
        "brachiocephalic",
        "left common carotid",
        "right common carotid",
        "left subclavian",
        "right subclavian",
    ):
        parts.append(tube(grid, vessels.arteries[name], reach_mm=12).grown(1.5))
    parts += [a.grown(2.0) for a in airways]
    return _filled_in_front(canvas, habitus, union(parts, 9))


def _filled_in_front(canvas: Canvas, habitus: Habitus, parts: Shape) -> Shape:
    """Close gaps up to 44 mm wide between the organs in front of the spine; beside the spine the lung reaches far back.

    The closing works on every fourth voxel in plane: fat surfaces are soft, and it is sixteen times faster.
    """
    if parts.distance_mm.size == 0:
        return parts
    step = max(1, round(2.7 / canvas.grid.pixel_mm))
    pitch = canvas.grid.pixel_mm * step
    coarse = parts.distance_mm[:, ::step, ::step]
    sampling = (1e6, pitch, pitch)  # slice by slice
    pad = int(np.ceil(_CLOSING_MM / pitch)) + 2  # the erosion must find background beyond the box
    coarse = np.pad(coarse, ((0, 0), (pad, pad), (pad, pad)), constant_values=FAR_MM)
    grown = distance_transform_edt(coarse > 0, sampling) <= _CLOSING_MM
    closed = _CLOSING_MM - distance_transform_edt(grown, sampling) + pitch / 2
    closed = closed[:, pad:-pad, pad:-pad]
    closed = gaussian_filter(np.clip(closed, -30, 30), (0.5, 1.2, 1.2)).astype(np.float32)
    rows, columns = (np.arange(n) / step for n in parts.distance_mm.shape[1:])
    zoomed = linear_zoom(closed, (None, rows, columns))
    _, y, z = canvas.grid.at(parts.box)
    behind = y - (habitus.spine_y(z).astype(np.float32) - np.float32(4))
    return Shape(parts.box, np.minimum(parts.distance_mm, np.maximum(zoomed, behind)))


def paint_nodes(canvas: Canvas, rng: np.random.Generator) -> None:
    """Lymph nodes in the mediastinal fat, the largest under the carina, and remnants of the thymus."""
    bulk = rng.uniform((6, 4, 6), (12, 8, 11))
    canvas.paint(
        ellipsoid(canvas.grid, (2, 26, -22), bulk, rough_mm=1.2, rough_length_mm=7, seed=int(rng.integers(2**62))),
        Tissue.SOFT,
    )
    for centre in (
        (-14, 6, 12),
        (16, 2, 6),
        (-8, 12, 22),
        (2, 28, -22),
        (22, 16, -4),
        (-12, -34, 20),
        (10, -30, 30),
        (-30, 14, -30),
        (34, 20, -34),
        (-18, 12, 4),
        (-20, 2, 18),
        (20, -10, 10),
        (26, 4, 2),
        (-4, 6, -30),
        (14, 8, -34),
        (6, -36, 8),
        (-6, -36, -4),
    ):
        place = np.array(centre) + rng.normal(0, 3, 3)
        canvas.paint(
            ellipsoid(
                canvas.grid,
                place,
                rng.uniform((2, 2, 3), (5, 4.5, 7)),
                rough_mm=0.6,
                rough_length_mm=5,
                seed=int(rng.integers(2**62)),
            ),
            Tissue.SOFT,
        )
