"""Course and calibre of the veins, as (n, 4) x, y, z, radius in atlas mm."""

from __future__ import annotations

import numpy as np

from cohorts.phantom.atlas.habitus import Habitus
from cohorts.phantom.atlas.shapes import smooth_line
from cohorts.phantom.atlas.tissues import Tissue


def draw_veins(habitus: Habitus, rng: np.random.Generator) -> dict[str, tuple[Tissue, np.ndarray]]:
    """Systemic veins with the tissue that sets their enhancement, by name."""
    size = habitus.scale
    veins: dict[str, tuple[Tissue, np.ndarray]] = {}
    dominant = rng.random() < 0.65
    for side, name in ((-1, "right"), (1, "left")):
        radius = (rng.uniform(10.5, 14) if (side < 0) == dominant else rng.uniform(8, 11)) / 2 / size
        points = []
        for z, dx, dy in ((62, 24, -24), (80, 29, -23), (105, 33, -17), (140, 36, -10), (185, 33, -2)):
            x, y = habitus.spine(z)
            points.append((x + side * (dx + rng.normal(0, 1)), y + dy, z, radius * rng.uniform(0.85, 1.1)))
        veins[f"{name} jugular"] = (Tissue.JUGULAR, smooth_line(points, 3))
    cava = float(rng.uniform(17, 23)) / 2 / size
    top = rng.normal(26, 4)
    veins["superior cava"] = (
        Tissue.CAVA_SUPERIOR,
        smooth_line(
            [(-30, -14, top, cava * 0.9), (-31, -8, 2, cava), (-31, -4, -22, cava), (-32, -4, -42, cava * 1.05)], 4
        ),
    )
    veins["right brachiocephalic"] = (
        Tissue.CAVA_SUPERIOR,
        smooth_line([(-26, -2, 63, 6.2), (-30, -12, 46, 6.5), (-30, -14, top, 7.5)], 3),
    )
    veins["left brachiocephalic"] = (
        Tissue.CAVA_SUPERIOR,
        smooth_line(
            [(30, 0, 62, 5.8), (26, -16, 50, 6.0), (4, -28, 42, 5.8), (-16, -27, 36, 6.2), (-29, -16, top + 1, 7.0)], 3
        ),
    )
    inferior = float(rng.uniform(18, 27)) / 2 / size
    points = [(-30, 4, -84, inferior), (-27, 14, -102, inferior)]
    for z in (-130, -170, -210, -250, -290, -322):
        x, y = habitus.spine(z)
        points.append(
            (
                x - 19 + rng.normal(0, 1.2),
                y - np.interp(z, (-330, -170), (26, 30)) + rng.normal(0, 1),
                z,
                inferior * rng.uniform(0.86, 1.05),
            )
        )
    veins["inferior cava"] = (Tissue.CAVA_INFERIOR, smooth_line(points, 5))
    end = points[-1]
    for side, name, reach in ((-1, "right", 16), (1, "left", 38)):
        veins[f"{name} iliac"] = (
            Tissue.CAVA_INFERIOR,
            smooth_line(
                [
                    (end[0], end[1], -320, 7.0),
                    (end[0] + side * reach * 0.6, end[1] + 6, -342, 6.0),
                    (end[0] + side * reach * 1.5, end[1] + 20, -380, 6),
                ],
                4,
            ),
        )
        x, y = habitus.spine(-236)
        veins[f"{name} renal"] = (
            Tissue.CAVA_INFERIOR,
            smooth_line(
                [
                    (x - 19 + side * 4, y - 27, -232, 4.5),
                    (x + (-30 if side < 0 else 6), y - (24 if side < 0 else 38), -233, 4.2),
                    (x + side * 46, y - 8, -238, 3.8),
                ],
                3,
            ),
        )
    veins["azygos"] = (
        Tissue.CAVA_SUPERIOR,
        smooth_line(
            [
                (-29, -2, 4, 4.2),
                (-26, 16, 12, 4.2),
                (-16, 32, 8, 4.2),
                (habitus.spine(-20)[0] - 9, habitus.spine(-20)[1] - 14, -20, 3.8),
                (habitus.spine(-150)[0] - 9, habitus.spine(-150)[1] - 15, -150, 2.6),
            ],
            4,
        ),
    )
    return veins


def draw_pulmonary_veins(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """The four pulmonary veins, from the left atrium outwards."""
    s = rng.normal(0, 1.5, 4)
    return {
        "right superior": smooth_line([(-16, 14, -42, 7.0), (-36, 6 + s[0], -32, 6.0), (-54, -4, -18, 4.2)], 4),
        "right inferior": smooth_line([(-14, 20, -56, 7.0), (-36, 28 + s[1], -62, 5.6), (-58, 38, -72, 3.8)], 4),
        "left superior": smooth_line([(24, 12, -38, 7.0), (40, 0 + s[2], -28, 5.6), (54, -10, -14, 4.0)], 4),
        "left inferior": smooth_line([(24, 20, -54, 7.0), (42, 28 + s[3], -62, 5.4), (60, 38, -74, 3.6)], 4),
    }
