"""The body habitus of one patient: size, spine curve, trunk outline.

Atlas millimetres: z = 0 at the carina, x = 0 in the midline.

The atlas is one continuous neck, chest and abdomen; a region is a window of it. `scale` maps atlas mm to patient mm.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.interpolate import RegularGridInterpolator

from cohorts.phantom.atlas.smooth_profile import Profile

Region = Literal["neck", "chest", "abdomen"]
Label = Literal["healthy", "aneurysm", "dissection", "atherosclerosis"]

# Range (atlas mm) of the middle of the imaged window.
WINDOW_MM: dict[str, tuple[float, float]] = {"neck": (98.0, 150.0), "chest": (-85.0, 25.0), "abdomen": (-285.0, -165.0)}

POLE_Y_MM = 5.0  # the trunk's layers are radii around (x, y) = (0, 5)

# Outer muscle thickness over the cage by angle from the anterior midline (columns) and z (rows).
_ANGLES_DEG = (0, 18, 40, 65, 90, 115, 140, 160, 180)
_MUSCLE_MM: dict[float, tuple[float, ...]] = {
    -330: (4, 9, 8, 14, 16, 14, 24, 38, 36),
    -200: (3, 7, 5, 11, 13, 11, 18, 32, 32),
    -130: (2, 5, 4, 6, 8, 8, 13, 26, 26),
    -80: (1, 3, 5, 4, 5, 8, 11, 18, 22),
    -40: (1, 5, 9, 7, 6, 14, 18, 17, 20),
    0: (1, 8, 14, 14, 11, 29, 31, 18, 20),
    30: (2, 10, 20, 30, 34, 48, 46, 26, 22),
    60: (6, 12, 26, 62, 80, 72, 50, 34, 26),
    85: (8, 12, 20, 40, 50, 46, 40, 36, 30),
}
_HALF_WIDTH = Profile(
    {-330: 116, -250: 114, -180: 120, -140: 124, -100: 125, -60: 121, -20: 112, 20: 96, 45: 76, 65: 50, 90: 22}
)
_FRONT = Profile({-330: 84, -250: 82, -180: 82, -140: 78, -100: 76, -60: 72, -20: 62, 10: 52, 35: 42, 60: 30, 90: 22})
_BACK = Profile({-330: 66, -250: 62, -180: 66, -140: 72, -100: 78, -60: 81, 0: 75, 35: 68, 60: 58, 90: 24})
_NECK_WIDTH = Profile({60: 62, 90: 55, 130: 54, 160: 60, 190: 68})
_NECK_FRONT = Profile({60: 30, 90: 46, 130: 52, 148: 60, 160: 82, 190: 92})
_NECK_BACK = Profile({60: 66, 100: 62, 150: 62, 190: 74})


def _levels() -> list[tuple[float, float]]:
    """Middle and height (mm) of each vertebral body with its disc, from C1 to L5."""
    heights = [16.0] * 7 + [20, 21, 21, 22, 22, 23, 23, 24, 25, 26, 28, 30] + [33, 34, 35, 36, 36]
    top = 0.0 + sum(heights[:11])  # the carina lies at the T4/T5 disc
    levels = []
    for height in heights:
        levels.append((top - height / 2, float(height)))
        top -= height
    return levels


LEVELS = _levels()
FIRST_THORACIC, FIRST_LUMBAR = 7, 19


def vertebra_half_mm(z: float) -> tuple[float, float]:
    """Half width (x) and half depth (y) of the vertebral bodies."""
    return (
        float(np.interp(z, (-330, -230, -100, 0, 60, 90, 180), (24, 22, 17, 14, 14, 12, 11))),
        float(np.interp(z, (-330, -230, -100, 0, 60, 90, 180), (17, 16.5, 15, 13, 10, 8.5, 8))),
    )


def _superellipse_radius(cosine, sine, width, front, back, exponent):
    """Radius of a superellipse with its own front (sine < 0) and back depth."""
    depth = np.where(sine < 0, front, back)
    return ((np.abs(cosine) / width) ** exponent + (np.abs(sine) / depth) ** exponent) ** (-1 / exponent)


@dataclass(frozen=True)
class Habitus:
    """One patient's build, in atlas mm (patient mm = atlas mm x scale)."""

    region: Region
    label: Label
    female: bool
    scale: float
    window_mm: float
    fat_mm: float
    belly_mm: float
    muscle_factor: float
    width_factor: float
    diaphragm_mm: float
    spine_shift: Callable
    spine_y: Callable
    age: float
    ripple: np.ndarray  # (harmonics, 4) amplitude and phase of the outline's irregularity

    def cage_mm(self, angle, z):
        """Radius of the inner trunk wall (pleura, peritoneum) by angle from the anterior midline in rad and z."""
        cosine, sine = np.sin(angle), -np.cos(angle)  # x and y direction of the angle
        front = _FRONT(z) + POLE_Y_MM + self.belly_mm * np.clip((-120 - np.asarray(z, float)) / 80, 0, 1)
        width = _HALF_WIDTH(z) * self.width_factor + 0.5 * self.belly_mm * np.clip(
            (-120 - np.asarray(z, float)) / 80, 0, 1
        )
        return _superellipse_radius(cosine, sine, width, front, _BACK(z) - POLE_Y_MM, 2.35)

    def muscle_mm(self, angle, z):
        """Outer radius of the muscles."""
        turn = np.abs(np.degrees(np.arctan2(np.sin(angle), np.cos(angle))))
        rows = sorted(_MUSCLE_MM)
        table = RegularGridInterpolator((rows, _ANGLES_DEG), np.array([_MUSCLE_MM[k] for k in rows]), method="linear")
        level = np.clip(z, rows[0], rows[-1])
        turn, level = np.broadcast_arrays(turn, level)
        extra = table(np.stack([level, turn], axis=-1)) * self.muscle_factor
        trunk = self.cage_mm(angle, z) + 9 + extra
        neck = _superellipse_radius(
            np.sin(angle), -np.cos(angle), _NECK_WIDTH(z), _NECK_FRONT(z) + POLE_Y_MM, _NECK_BACK(z) - POLE_Y_MM, 2.1
        )
        blend = np.clip((np.asarray(z, float) - 58) / 34, 0, 1)
        blend = blend * blend * (3 - 2 * blend)
        return trunk * (1 - blend) + neck * blend

    def fat_thickness_mm(self, angle, z):
        """Thickness of the subcutaneous fat."""
        front = 0.5 + 0.5 * np.cos(angle)
        z = np.asarray(z, float)
        low = np.clip((-60 - z) / 120, 0, 1)
        high = np.clip((z - 40) / 40, 0, 1)
        share = 0.75 + 0.1 * np.abs(np.sin(angle)) + low * (0.45 * front + 0.1 * np.abs(np.sin(angle)))
        return 2.5 + (self.fat_mm * share) * (1 - 0.75 * high)

    def skin_mm(self, angle, z):
        """Radius of the body surface."""
        radius = self.muscle_mm(angle, z) + self.fat_thickness_mm(angle, z)
        for k, (a, b, phase_a, phase_b) in enumerate(self.ripple, start=2):
            radius = radius + a * np.cos(k * angle + phase_a) + b * np.cos(k * angle + phase_b + np.asarray(z) / 60)
        return radius

    def on_cage(self, angle, z, outwards_mm=0.0) -> np.ndarray:
        """Points (..., 3) x, y, z on the inner trunk wall."""
        radius = self.cage_mm(angle, z) + outwards_mm
        return np.stack(
            [radius * np.sin(angle), POLE_Y_MM - radius * np.cos(angle), np.broadcast_to(z, radius.shape)], axis=-1
        )

    def spine(self, z) -> np.ndarray:
        """Centre (x, y) of the vertebral bodies at a level."""
        return np.array([float(self.spine_shift(z)), float(self.spine_y(z))])


def draw_habitus(rng: np.random.Generator, region: Region, label: Label) -> Habitus:
    """Draw one patient's build."""
    window = float(rng.uniform(*WINDOW_MM[region]))
    female = bool(rng.random() < 0.5)
    age = float(rng.uniform(35, 90))
    jitter = rng.normal(0, 2.0, 4)
    spine = {
        190: 4,
        160: 6,
        130: 9,
        100: 17,
        75: 29,
        45: 43,
        0: 52,
        -50: 56,
        -100: 53,
        -150: 46,
        -200: 41,
        -250: 38,
        -330: 43,
    }
    bend = rng.normal(0, 2.5, 5)
    return Habitus(
        region=region,
        label=label,
        female=female,
        scale=float(np.clip(rng.normal(0.94 if female else 1.0, 0.035), 0.86, 1.07)),
        window_mm=window,
        fat_mm=float(np.clip(rng.gamma(3.0, 5.0) + (4 if female else 0), 4, 34)),
        belly_mm=float(np.clip(rng.normal(4, 11), -12, 28)),
        muscle_factor=float(np.clip(rng.normal(0.9 if female else 1.08, 0.12), 0.65, 1.35)),
        width_factor=float(np.clip(rng.normal(1.0, 0.035), 0.93, 1.07)),
        diaphragm_mm=float(rng.normal(0, 9)),
        spine_shift=Profile(dict(zip((-330, -180, -60, 60, 190), bend, strict=True))),
        spine_y=Profile({z: y + float(np.interp(z, (-330, -150, 0, 190), jitter)) for z, y in spine.items()}),
        age=age,
        ripple=np.column_stack(
            [rng.normal(0, (1.6, 1.2, 0.8, 0.6)), rng.normal(0, 0.8, 4), rng.uniform(0, 6.28, (4, 2))]
        ),
    )
