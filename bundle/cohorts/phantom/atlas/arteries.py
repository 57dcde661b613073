"""Course and calibre of the arteries, as (n, 4) x, y, z, radius in atlas mm."""

from __future__ import annotations

from functools import partial

import numpy as np

from cohorts.phantom.atlas.habitus import Habitus, vertebra_half_mm
from cohorts.phantom.atlas.shapes import smooth_line


def _point_at_level(line: np.ndarray, z: float) -> np.ndarray:
    """Point of the descending part of the aorta at a level."""
    below = line[np.argmax(line[:, 2]) :]
    return np.array([np.interp(-z, -below[:, 2], below[:, k]) for k in range(4)])


def draw_aorta(habitus: Habitus, rng: np.random.Generator) -> np.ndarray:
    """Aorta from its root over the arch to the bifurcation; it widens with age (Wolak et al., JACC Imaging 2008)."""
    size = habitus.scale  # calibres are stated in patient mm
    ageing = (habitus.age - 60) / 30
    ascending = float(np.clip(rng.normal(31.5 + 2 * ageing - 1.5 * habitus.female, 1.8), 28, 36)) / 2 / size
    descending = float(np.clip(rng.normal(24 + 1.7 * ageing - 1.2 * habitus.female, 1.6), 20, 28)) / 2 / size
    abdominal = float(np.clip(rng.normal(19 + 1.2 * ageing - 1 * habitus.female, 1.3), 16, 22)) / 2 / size
    sway = rng.normal(0, 1.6, (14, 2))
    tortuous = rng.normal(0, 1.0 + 2.2 * max(ageing, 0), 6)

    def relative_to_spine(z: float, dx: float, dy: float) -> tuple[float, float, float]:
        x, y = habitus.spine(z)
        return x + dx, y + dy, z

    def half_depth(z: float) -> float:
        return vertebra_half_mm(z)[1]

    aorta = [
        (3 + sway[0, 0], -6, -54, ascending * 1.02),
        (-6, -12 + sway[1, 1], -42, ascending * 1.04),
        (-14 + sway[2, 0], -19 + sway[2, 1], -22, ascending),
        (-15 + sway[3, 0], -20 + sway[3, 1], 0, ascending * 0.97),
        (-9, -14, 18, ascending * 0.93),
        (3 + sway[4, 0], 2, 29 + sway[4, 1], ascending * 0.88),
        (14, 19, 27, descending * 1.12),
    ]
    for k, z in enumerate((12, -10, -40, -75, -110, -145)):
        right = np.interp(z, (-145, -110, -60, 12), (9, 15, 19, 20))
        forward = np.interp(z, (-145, -60, 12), (-half_depth(z) - descending * 0.85, -19, -16))
        x, y, _ = relative_to_spine(z, right + sway[5 + k, 0] + 0.6 * tortuous[k], forward + 0.5 * sway[5 + k, 1])
        aorta.append((x, y, z, descending * np.interp(z, (-145, 12), (0.92, 1.04))))
    for k, z in enumerate((-180, -215, -250, -285, -318)):
        x, y, _ = relative_to_spine(
            z, 5 - 2 * (k > 2) + tortuous[k], -half_depth(z) - abdominal - 1.5 - abs(tortuous[k]) * 0.4
        )
        aorta.append((x, y, z, abdominal * (1.12, 1.04, 0.97, 0.95, 0.95)[k]))
    aorta_line = smooth_line(aorta, 4.0)
    aorta_line[:, 3] = np.maximum(aorta_line[:, 3], 6.0)
    return aorta_line


def _mirrored_from_spine(habitus: Habitus, side: int, z: float, dx: float, dy: float) -> tuple[float, float, float]:
    x, y = habitus.spine(z)
    return x + side * dx, y + dy, z


def _branch_from(origin: np.ndarray, step: tuple[float, float, float], radius: float) -> np.ndarray:
    """Point with radius, reached by a step from an origin."""
    return np.append(origin + np.array(step), radius)


def _draw_carotids(habitus: Habitus, rng: np.random.Generator, size: float) -> dict[str, np.ndarray]:
    """Common, internal and external carotids and the vertebral arteries."""
    lines: dict[str, np.ndarray] = {}
    carotid = float(rng.uniform(6, 8)) / 2 / size
    fork = float(rng.normal(146, 6))
    vertebral = rng.uniform(2.8, 4.4, 2) / 2 / size
    wander = rng.normal(0, 1.5, 12)
    bovine = rng.random() < 0.15
    for side, name in ((-1, "right"), (1, "left")):
        near = partial(_mirrored_from_spine, habitus, side)

        if side < 0:
            start = [(-15, -4, 58, carotid * 1.1)]
        else:
            start = (
                [(-2, -6, 36, carotid * 1.1), (12, -1, 50, carotid)]
                if bovine
                else [(8, 5, 36, carotid * 1.1), (14, 6, 52, carotid)]
            )
        w = wander[0:4] if side < 0 else wander[4:8]
        common = [
            *start,
            (*near(78, 18 + w[0], -18), carotid),
            (*near(105, 22 + w[1], -17), carotid),
            (*near(fork - 14, 25 + w[2], -15), carotid * 1.02),
            (*near(fork, 27 + w[3], -13), carotid * 1.3),
        ]
        lines[f"{name} common carotid"] = smooth_line(common, 2.5)
        internal = [
            (*near(fork - 2, 28 + w[3], -12), carotid * 1.15),
            (*near(fork + 12, 32 + w[3], -9), carotid * 0.85),
            (*near(fork + 55, 29, -4), carotid * 0.7),
        ]
        external = [
            (*near(fork - 2, 26 + w[3], -15), carotid * 0.9),
            (*near(fork + 12, 24 + w[3], -22), carotid * 0.68),
            (*near(fork + 55, 35, -20), carotid * 0.5),
        ]
        lines[f"{name} internal carotid"] = smooth_line(internal, 2.5)
        lines[f"{name} external carotid"] = smooth_line(external, 2.5)
        radius = vertebral[0 if side < 0 else 1]
        lines[f"{name} vertebral"] = smooth_line(
            [
                (*near(66, 26, -18), radius),
                (*near(84, 18, -6), radius),
                (*near(100, 16.5, -1), radius),
                (*near(180, 16.5, 0), radius),
            ],
            2.5,
        )
    return lines


def _draw_arch_branches(rng: np.random.Generator, size: float) -> dict[str, np.ndarray]:
    lines: dict[str, np.ndarray] = {}
    brachiocephalic = rng.uniform(11, 14) / 2 / size
    subclavian = rng.uniform(8, 11) / 2 / size
    lines["brachiocephalic"] = smooth_line(
        [(-3, -6, 34, brachiocephalic), (-9, -6, 46, brachiocephalic), (-15, -3, 58, brachiocephalic * 0.9)], 2.5
    )
    lines["right subclavian"] = smooth_line(
        [
            (-15, -2, 57, subclavian),
            (-28, 6, 67, subclavian),
            (-52, 4, 68, subclavian * 0.9),
            (-85, 2, 58, subclavian * 0.8),
        ],
        3,
    )
    lines["left subclavian"] = smooth_line(
        [
            (15, 18, 34, subclavian),
            (19, 20, 50, subclavian),
            (28, 16, 66, subclavian),
            (54, 8, 67, subclavian * 0.9),
            (85, 4, 57, subclavian * 0.8),
        ],
        3,
    )
    return lines


def _draw_abdominal_branches(
    habitus: Habitus, rng: np.random.Generator, aorta: np.ndarray, size: float
) -> dict[str, np.ndarray]:
    """Coeliac, hepatic, splenic, superior mesenteric, renal and iliac arteries."""
    lines: dict[str, np.ndarray] = {}
    # Branches of the abdominal aorta, from front and sides of its wall.
    coeliac, mesenteric = rng.normal(-196, 4), rng.normal(-212, 4)
    renal = rng.normal(-230, 5, 2)
    c = _point_at_level(aorta, coeliac)
    front = c[:3] + np.array([0, -c[3], 0])
    lines["coeliac"] = smooth_line(
        [
            _branch_from(front, (0, 4, 2), 4.2 / size),
            _branch_from(front, (0, -9, 2), 3.8 / size),
            _branch_from(front, (1, -16, 3), 3.3 / size),
        ],
        2,
    )
    lines["hepatic"] = smooth_line(
        [
            _branch_from(front, (1, -16, 3), 2.9 / size),
            _branch_from(front, (-18, -18, 0), 2.7 / size),
            _branch_from(front, (-38, -20, 14), 2.1 / size),
        ],
        3,
    )
    lines["splenic"] = smooth_line(
        [
            _branch_from(front, (1, -16, 3), 3.2 / size),
            _branch_from(front, (22, -12, 10), 3.0 / size),
            _branch_from(front, (38, 4, 4), 2.9 / size),
            _branch_from(front, (58, 14, 14), 2.6 / size),
            _branch_from(front, (80, 24, 18), 2.2 / size),
        ],
        3,
    )
    c = _point_at_level(aorta, mesenteric)
    front = c[:3] + np.array([0, -c[3], 0])
    lines["superior mesenteric"] = smooth_line(
        [
            _branch_from(front, (0, 4, 2), 4.1 / size),
            _branch_from(front, (0, -8, -4), 3.8 / size),
            _branch_from(front, (-1, -13, -24), 3.5 / size),
            _branch_from(front, (-6, -17, -60), 3.0 / size),
            _branch_from(front, (-16, -22, -100), 2.2 / size),
        ],
        3,
    )
    for side, name, level in ((-1, "right", renal[0]), (1, "left", renal[1])):
        c = _point_at_level(aorta, level)
        x, y = habitus.spine(level)
        lines[f"{name} renal"] = smooth_line(
            [
                (c[0] + side * (c[3] - 2), c[1], level, 3.2 / size),
                (c[0] + side * (c[3] + 14), c[1] + 8, level - 3, 2.9 / size),
                (x + side * 46, y - 4, level - 6, 2.5 / size),
            ],
            3,
        )
    end = aorta[-1]
    iliac = rng.uniform(8.5, 11.5) / 2 / size
    for side, name in ((-1, "right"), (1, "left")):
        lines[f"{name} iliac"] = smooth_line(
            [
                (end[0] + side * 4, end[1], end[2] + 5, iliac * 1.1),
                (end[0] + side * 15, end[1] + 4, end[2] - 22, iliac),
                (end[0] + side * 34, end[1] + 20, end[2] - 62, iliac * 0.95),
            ],
            3,
        )
    return lines


def draw_arteries(habitus: Habitus, rng: np.random.Generator, aorta: np.ndarray) -> dict[str, np.ndarray]:
    """Branches of the aorta, by name."""
    size = habitus.scale  # calibres are stated in patient mm
    return (
        _draw_carotids(habitus, rng, size)
        | _draw_arch_branches(rng, size)
        | _draw_abdominal_branches(habitus, rng, aorta, size)
    )


def draw_pulmonary_arteries(habitus: Habitus, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Pulmonary trunk with its right and left artery."""
    trunk = float(rng.uniform(24, 30)) / 2 / habitus.scale
    s = rng.normal(0, 1.5, 6)
    return {
        "trunk": smooth_line(
            [
                (13, -36, -52, trunk * 1.1),
                (18 + s[0], -34, -38, trunk),
                (22 + s[1], -24, -22, trunk * 0.95),
                (24 + s[2], -8, -12, trunk * 0.9),
            ],
            4,
        ),
        "right": smooth_line(
            [
                (20, -8, -14, trunk * 0.8),
                (2, 2 + s[3], -18, trunk * 0.74),
                (-20, 8, -20, trunk * 0.72),
                (-40, 12, -22, trunk * 0.62),
                (-50, 18, -38, trunk * 0.5),
                (-54, 24, -58, 5.0),
            ],
            4,
        ),
        "left": smooth_line(
            [
                (24, -8, -12, trunk * 0.8),
                (32, 6 + s[4], -7, trunk * 0.72),
                (42, 20, -10, trunk * 0.62),
                (47, 28, -28, trunk * 0.5),
                (50, 32, -52, 5.0),
            ],
            4,
        ),
    }
