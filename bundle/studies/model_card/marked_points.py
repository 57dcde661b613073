"""Scores a synthetic CTA of a real NCCT at hand-marked circles: arteries must be raised, other tissue must not."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from cohorts.marks.circles import AORTA, BRANCHES, NEGATIVE, OTHER_ARTERIES, Circle

ENHANCED_HU = 120.0
"""An artery that rises by this much counts as filled."""

FALSE_HU = 50.0
"""Other tissue that rises by more is falsely lit."""

CORE = 0.6
"""Share of a circle's radius over which the rise is averaged."""

SOFT_TISSUE = ("not_muscle", "not_psoas", "not_oesophagus", "not_liver")
"""Negatives that no CTA shows bright; veins, kidneys and spleen take up contrast there too."""

_GROUPS = {"aorta": AORTA, "brachiocephalic, carotids, subclavians": BRANCHES, "other arteries": OTHER_ARTERIES}


@dataclass(frozen=True)
class ScoredCircle:
    """A mark with the mean rise inside it, in HU."""

    circle: Circle
    rise_hu: float

    @property
    def has_failed(self) -> bool:
        """An artery that stayed dark, or soft tissue that is lit."""
        if self.circle.is_artery:
            return not self.rise_hu >= ENHANCED_HU
        return self.circle.structure in SOFT_TISSUE and self.rise_hu > FALSE_HU


def score_circles(rise_hu: np.ndarray, affine_lps: np.ndarray, circles: Sequence[Circle]) -> list[ScoredCircle]:
    """Measure the mean rise in each circle that lies in the volume.

    Args:
        rise_hu: synthetic CTA minus NCCT, (X, Y, Z), axes along the patient's.
        affine_lps: voxel index to LPS mm, (4, 4), without rotation.
        circles: marks.

    Raises:
        ValueError: when a mark lies beside the slices, or none in the scan at all: they belong to another one.
    """
    step_mm, origin_mm = np.diag(affine_lps)[:3], affine_lps[:3, 3]
    x_mm, y_mm, z_mm = (origin_mm[i] + step_mm[i] * np.arange(rise_hu.shape[i]) for i in range(3))
    scored = []
    for circle in circles:
        level = int(np.argmin(np.abs(z_mm - circle.z_mm)))
        if abs(z_mm[level] - circle.z_mm) > abs(step_mm[2]) or not (circle.is_artery or circle.is_negative):
            continue
        apart = (x_mm[:, None] - circle.x_mm) ** 2 + (y_mm[None] - circle.y_mm) ** 2
        if apart.min() > max(abs(step_mm[0]), abs(step_mm[1])) ** 2:
            raise ValueError(f"{circle.structure} at z {circle.z_mm} mm lies beside the slices of this scan.")
        inside = apart <= max((CORE * circle.radius_mm) ** 2, apart.min())
        scored.append(ScoredCircle(circle, float(rise_hu[:, :, level][inside].mean())))
    if not scored:
        raise ValueError(f"None of the {len(circles)} marks lies in this scan. Check that they belong to it.")
    return scored


def summarise(patient: str, scored: Sequence[ScoredCircle]) -> list[dict]:
    """A row for each group of structures: how many circles count as filled or falsely lit, and the lowest tenth."""
    rows = []
    for group, structures in _GROUPS.items():
        rises = [s.rise_hu for s in scored if s.circle.structure in structures]
        if rises:
            enhanced = sum(rise >= ENHANCED_HU for rise in rises)
            rows.append(_row(patient, group, rises, enhanced, f"raised by {ENHANCED_HU:.0f} HU"))
    for group, chosen in (("muscle, oesophagus, liver, psoas", SOFT_TISSUE), ("all negatives", None)):
        rises = [s.rise_hu for s in scored if _is_in(s.circle.structure, chosen)]
        if rises:
            lit = sum(rise > FALSE_HU for rise in rises)
            rows.append(_row(patient, group, rises, lit, f"raised by over {FALSE_HU:.0f} HU"))
    return rows


def _is_in(structure: str, chosen: Sequence[str] | None) -> bool:
    return structure.startswith(NEGATIVE) if chosen is None else structure in chosen


def _row(patient: str, group: str, rises: list[float], count: int, criterion: str) -> dict:
    return {
        "patient": patient,
        "structures": group,
        "circles": len(rises),
        "criterion": criterion,
        "count": count,
        "share, %": f"{100 * count / len(rises):.1f}",
        "mean rise, HU": f"{np.mean(rises):.0f}",
        "lowest tenth, HU": f"{np.percentile(rises, 10):.0f}",
        "highest, HU": f"{max(rises):.0f}",
    }


def rows_of(patient: str, scored: Sequence[ScoredCircle]) -> list[dict]:
    """Every circle as a row of a table."""
    return [
        {
            "patient": patient,
            "structure": s.circle.structure,
            "x_mm": s.circle.x_mm,
            "y_mm": s.circle.y_mm,
            "z_mm": s.circle.z_mm,
            "radius_mm": s.circle.radius_mm,
            "rise_hu": f"{s.rise_hu:.1f}",
            "failed": "yes" if s.has_failed else "",
        }
        for s in scored
    ]


def draw(
    ncct_hu: np.ndarray, synthetic_hu: np.ndarray, affine_lps: np.ndarray, scored: Sequence[ScoredCircle], path: Path
) -> None:
    """Draw NCCT and synthetic CTA with the circles on ten levels; levels with a failure come first.

    Args:
        ncct_hu, synthetic_hu: (X, Y, Z) in LPS order.
        affine_lps: as for `score_circles`.
        scored: the marks.
        path: picture to write.
    """
    step_mm, origin_mm = np.diag(affine_lps)[:3], affine_lps[:3, 3]
    failed = sorted({s.circle.z_mm for s in scored if s.has_failed})
    good = sorted({s.circle.z_mm for s in scored} - set(failed))
    spread = [good[i] for i in np.linspace(0, len(good) - 1, max(0, min(len(good), 10 - len(failed)))).astype(int)]
    shown = sorted([*failed[:10], *spread])
    figure, axes = plt.subplots(2, len(shown), figsize=(3.2 * len(shown), 6.2), layout="constrained", squeeze=False)
    extent = _extent(ncct_hu.shape, step_mm, origin_mm)
    for column, z_mm in enumerate(shown):
        level = round((z_mm - origin_mm[2]) / step_mm[2])
        for row, (volume, low, high) in enumerate(((ncct_hu, -100, 180), (synthetic_hu, -100, 450))):
            axis = axes[row, column]
            axis.imshow(volume[:, :, level].T, cmap="gray", vmin=low, vmax=high, extent=extent)
            axis.set_axis_off()
            for s in (s for s in scored if s.circle.z_mm == z_mm):
                colour = "magenta" if s.has_failed else "red" if s.circle.is_artery else "cyan"
                place = (s.circle.x_mm, s.circle.y_mm)
                axis.add_patch(plt.Circle(place, s.circle.radius_mm, fill=False, color=colour, linewidth=0.8))
        axes[0, column].set_title(f"z {z_mm:.0f} mm")
    figure.savefig(path, dpi=70)
    plt.close(figure)


def _extent(shape: tuple[int, ...], step_mm: np.ndarray, origin_mm: np.ndarray) -> tuple[float, float, float, float]:
    low, high = origin_mm - step_mm / 2, origin_mm + step_mm * (np.array(shape) - 0.5)
    return (low[0], high[0], high[1], low[1])
