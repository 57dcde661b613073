"""Figures of an evaluation: worst, median and best patient of a model, and Bland-Altman plots of vessels."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from scripts.evaluation.truth import Truth
from scripts.pictures.comparison import ComparisonRow, save_comparison

NCCT, SYNTHETIC, REAL, LUMEN = "NCCT", "synthetic", "real CTA", "lumen"
_INCHES = 4.0


def representative_slice(truth: Truth) -> int:
    """Index of the slice with the largest lumen, or with the largest body where no lumen is in view."""
    mask = truth.lumen if truth.lumen.any() else truth.body
    return int(mask.sum(axis=(0, 1)).argmax())


def worst_median_best(values: Sequence[float], higher_is_better: bool) -> dict[str, int]:
    """Choose by a measure; values that are not finite are not chosen.

    Returns:
        Indices by "worst", "median", "best"; fewer where there are fewer than three finite values.
    """
    order = [int(index) for index in np.argsort(values) if np.isfinite(values[index])]
    if not higher_is_better:
        order.reverse()
    chosen = {"worst": 0, "best": len(order) - 1, "median": (len(order) - 1) // 2}
    by_position = {position: name for name, position in reversed(chosen.items())}  # worst and best go before median
    return {by_position[position]: order[position] for position in sorted(by_position) if order}


def draw_patients(patients: Sequence[tuple[str, dict[str, np.ndarray]]], path: Path) -> None:
    """Draw NCCT, synthetic, real CTA and error map of some patients.

    Args:
        patients: text beside the row, and slices by `NCCT`, `SYNTHETIC`, `REAL` (HU) and `LUMEN` (mask), shape
            (X, Y).
        path: PNG to write.
    """
    rows = [
        ComparisonRow(
            {title: slices[title].astype(np.float32) for title in (NCCT, SYNTHETIC, REAL)},
            (SYNTHETIC, REAL),
            slices[LUMEN],
            name,
        )
        for name, slices in patients
    ]
    save_comparison(rows, path)


def draw_bland_altman(vessels: Sequence[dict], path: Path) -> None:
    """Draw for each model the difference of a vessel's mean HU, synthetic minus real, over the mean of the two.

    The lines are the bias and the 95 % limits of agreement (bias ± 1.96 standard deviations of the differences).

    Args:
        vessels: rows of "model", "region", "synthetic_hu", "cta_hu".
        path: PNG to write.
    """
    models = list(dict.fromkeys(row["model"] for row in vessels))
    figure, axes = plt.subplots(
        1, len(models), figsize=(_INCHES * len(models), _INCHES), squeeze=False, sharex=True, sharey=True
    )
    for axis, model in zip(axes[0], models, strict=True):
        own = [row for row in vessels if row["model"] == model]
        for region in sorted({row["region"] for row in own}):
            pairs = np.array([(row["synthetic_hu"], row["cta_hu"]) for row in own if row["region"] == region])
            axis.scatter(pairs.mean(axis=1), pairs[:, 0] - pairs[:, 1], s=14, label=region)
        differences_hu = np.array([row["synthetic_hu"] - row["cta_hu"] for row in own])
        bias_hu, spread_hu = differences_hu.mean(), 1.96 * differences_hu.std(ddof=1) if len(own) > 1 else 0.0
        for level_hu, line in ((bias_hu, "-"), (bias_hu - spread_hu, "--"), (bias_hu + spread_hu, "--")):
            axis.axhline(level_hu, color="black", linestyle=line, linewidth=0.8)
        axis.set_title(f"{model}\nbias {bias_hu:+.0f} HU, limits ±{spread_hu:.0f} HU", fontsize=9)
        axis.set_xlabel("mean of synthetic and real, HU")
    axes[0, 0].set_ylabel("synthetic - real, HU, a dot a vessel")
    axes[0, 0].legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=90, facecolor="white")
    plt.close(figure)
