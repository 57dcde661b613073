"""The study's figure: metrics over the misalignment of the training pairs."""

import csv
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

_PANELS = {
    "lumen_error_hu": ("lumen error, HU", "unchanged_lumen_error_hu"),
    "psnr_db": ("PSNR, dB", "unchanged_psnr_db"),
    "false_enhancement": ("false enhancement, share of body", None),
}


def draw_study(scores: Path, figure: Path) -> None:
    """Draw mean and standard error over the patients for each method.

    Args:
        scores: scores.csv of `run_study`.
        figure: PNG to write.
    """
    with scores.open(newline="") as file:
        rows = list(csv.DictReader(file))
    drawn, axes = plt.subplots(1, len(_PANELS), figsize=(4.5 * len(_PANELS), 3.6))
    for axis, (metric, (title, unchanged)) in zip(axes, _PANELS.items(), strict=True):
        for method in dict.fromkeys(row["method"] for row in rows):
            own = [row for row in rows if row["method"] == method]
            levels_mm = sorted({float(row["misalignment_mm"]) for row in own})
            values = [[float(row[metric]) for row in own if float(row["misalignment_mm"]) == mm] for mm in levels_mm]
            errors = [np.nanstd(level) / np.sqrt(len(level)) for level in values]
            axis.errorbar(
                levels_mm, [np.nanmean(level) for level in values], errors, label=method, marker="o", capsize=3
            )
        if unchanged:
            axis.axhline(
                np.nanmean([float(row[unchanged]) for row in rows]), color="grey", ls=":", label="NCCT unchanged"
            )
        axis.set_xlabel("misalignment of the training pairs, mm RMS")
        axis.set_title(title)
    axes[0].legend()
    drawn.tight_layout()
    figure.parent.mkdir(parents=True, exist_ok=True)
    drawn.savefig(figure, dpi=110)
    plt.close(drawn)
