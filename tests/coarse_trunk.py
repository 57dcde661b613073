"""A chest over an abdomen under a neck, on a grid of 3 mm: lungs, heart, aorta and arteries of the neck, by formula."""

from dataclasses import dataclass

import numpy as np

STEP_MM = 3.0
SLICES, ROWS, COLUMNS = 80, 90, 120
ABDOMEN, CHEST, NECK = slice(0, 30), slice(30, 62), slice(62, 80)
AFFINE_LPS = np.diag([STEP_MM, STEP_MM, STEP_MM, 1.0])

NOISE_HU = 8.0
BLOOD_HU, MUSCLE_HU, LUNG_HU, BONE_HU, BONE_SPREAD_HU = 40.0, 50.0, -850.0, 300.0, 120.0


@dataclass(frozen=True)
class Trunk:
    """The volume and where its vessels are.

    Attributes:
        hu: (slice, row, column) NCCT from feet to head, rows from front to back, columns from right to left.
        vessels: (slice, row, column) masks by name.
    """

    hu: np.ndarray
    vessels: dict[str, np.ndarray]

    @property
    def all_vessels(self) -> np.ndarray:
        """(slice, row, column) all of them."""
        return np.logical_or.reduce(list(self.vessels.values()))

    def enhanced(self, **without: np.ndarray) -> np.ndarray:
        """The NCCT with its vessels raised by 310 HU, but for masks given by any name."""
        raised = self.all_vessels.copy()
        for mask in without.values():
            raised &= ~mask
        return self.hu + 310.0 * raised


def ellipse(center_yx_mm: tuple[float, float], radii_yx_mm: tuple[float, float]) -> np.ndarray:
    """(row, column) mask."""
    y, x = np.mgrid[:ROWS, :COLUMNS] * STEP_MM
    return ((y - center_yx_mm[0]) / radii_yx_mm[0]) ** 2 + ((x - center_yx_mm[1]) / radii_yx_mm[1]) ** 2 < 1


def coarse_trunk() -> Trunk:
    """Make it, the same each time."""
    rng = np.random.default_rng(0)
    hu = np.full((SLICES, ROWS, COLUMNS), -1000.0)
    body, neck = ellipse((135, 180), (105, 160)), ellipse((135, 180), (60, 60))
    lungs = ellipse((125, 110), (60, 45)) | ellipse((125, 250), (60, 45))
    for part, outline in ((ABDOMEN, body), (CHEST, body), (NECK, neck)):
        hu[part, outline] = MUSCLE_HU
    hu[CHEST, lungs] = LUNG_HU
    hu += rng.normal(0, NOISE_HU, hu.shape)
    for part, spine in ((ABDOMEN, (200, 180)), (CHEST, (205, 180)), (NECK, (165, 180))):
        section = ellipse(spine, (16, 18))
        hu[part, section] = rng.normal(BONE_HU, BONE_SPREAD_HU, hu[part, section].shape)
    vessels = _vessels()
    for mask in vessels.values():
        hu[mask] = rng.normal(BLOOD_HU, NOISE_HU, int(mask.sum()))
    return Trunk(hu, vessels)


def _vessels() -> dict[str, np.ndarray]:
    """(slice, row, column) masks: the aorta goes up before the spine, over the arch and down to the heart."""
    z, y, x = np.mgrid[:SLICES, :ROWS, :COLUMNS] * STEP_MM
    arch_mm, back, front = 138.0, np.array([165.0, 208.0]), np.array([100.0, 184.0])
    radius_mm = np.hypot(*(front - back)) / 2
    along, across = (
        (front - back) / (2 * radius_mm),
        np.array([front[1] - back[1], back[0] - front[0]]) / (2 * radius_mm),
    )
    from_middle = y - (back[0] + front[0]) / 2, x - (back[1] + front[1]) / 2
    forward = from_middle[0] * along[0] + from_middle[1] * along[1]
    sideward = from_middle[0] * across[0] + from_middle[1] * across[1]
    bow = np.hypot(np.hypot(forward, z - arch_mm) - radius_mm, sideward) < 12
    share = np.clip((z - 75) / 45, 0, 1)  # from the middle of the abdomen to the left of the spine
    trunk = np.hypot(y - 145 - share * (back[0] - 145), x - 186 - share * (back[1] - 186)) < 12
    ascending = (np.hypot(y - front[0], x - front[1]) < 12) & (z > 117) & (z <= arch_mm)
    heart = ((z - 117) / 30) ** 2 + ((y - 105) / 35) ** 2 + ((x - 180) / 28) ** 2 < 1
    is_chest, below_arch = z >= CHEST.start * STEP_MM, z <= arch_mm
    return {
        "heart": heart | ascending | bow & ~below_arch & (forward >= 0),
        "descending aorta": trunk & is_chest & below_arch | bow & ~below_arch & (forward < 0),
        "abdominal aorta": trunk & ~is_chest,
        "right carotid": (np.hypot(y - 125, x - 150) < 5) & (z >= NECK.start * STEP_MM),
        "left carotid": (np.hypot(y - 125, x - 210) < 5) & (z >= NECK.start * STEP_MM),
    }
