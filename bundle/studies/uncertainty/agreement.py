"""Agreement of an uncertainty map with the true error, over the body."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import spearmanr

BLOCK_PX = 8
"""Side of a block of pixels, about 5 mm: noise of single voxels, which cannot be predicted, averages out."""

_ENHANCED_FROM_HU = 30.0
_TENTH = 10


@dataclass(frozen=True)
class Blocks:
    """Means over blocks of one slice that lie wholly in the body, one value for each block.

    Attributes:
        error_hu: absolute error of the synthetic HU.
        uncertainty_hu: its estimated standard deviation.
        enhancement_hu: what the network added.
    """

    error_hu: np.ndarray
    uncertainty_hu: np.ndarray
    enhancement_hu: np.ndarray


def body_blocks(
    synthetic_hu: np.ndarray, truth_hu: np.ndarray, ncct_hu: np.ndarray, uncertainty_hu: np.ndarray, body: np.ndarray
) -> Blocks:
    """Average volumes over blocks within each slice.

    Args:
        synthetic_hu: (X, Y, Z) synthetic CTA, slices last.
        truth_hu: true CTA on the same anatomy.
        ncct_hu: what was synthesised from.
        uncertainty_hu: estimated standard deviation.
        body: where the body is.

    Returns:
        The blocks.
    """
    inside = _block_means(body.astype(np.float32)) == 1
    error_hu = np.abs(synthetic_hu - truth_hu)
    return Blocks(
        error_hu=_block_means(error_hu)[inside],
        uncertainty_hu=_block_means(uncertainty_hu)[inside],
        enhancement_hu=_block_means(synthetic_hu - ncct_hu)[inside],
    )


def _block_means(volume: np.ndarray) -> np.ndarray:
    columns, rows = (size // BLOCK_PX for size in volume.shape[:2])
    cut = volume[: columns * BLOCK_PX, : rows * BLOCK_PX]
    return cut.reshape(columns, BLOCK_PX, rows, BLOCK_PX, -1).mean(axis=(1, 3))  # (X, Y, Z) -> (X / 8, Y / 8, Z)


def agreement(blocks: Blocks) -> dict[str, float]:
    """Measure how well uncertainty ranks error.

    Args:
        blocks: blocks of one patient.

    Returns:
        Spearman's rank correlation over all blocks and over enhanced ones; mean error of the tenth of blocks with the
        highest uncertainty and of all, HU; share of the whole error that this tenth holds.
    """
    enhanced = blocks.enhancement_hu > _ENHANCED_FROM_HU
    most_uncertain = np.argsort(blocks.uncertainty_hu)[-max(1, blocks.uncertainty_hu.size // _TENTH) :]
    return {
        "rank correlation": _rank_correlation(blocks.uncertainty_hu, blocks.error_hu),
        "in enhanced blocks": _rank_correlation(blocks.uncertainty_hu[enhanced], blocks.error_hu[enhanced]),
        "error, HU": float(blocks.error_hu.mean()),
        "error of the most uncertain tenth, HU": float(blocks.error_hu[most_uncertain].mean()),
        "its share of the error": float(blocks.error_hu[most_uncertain].sum() / blocks.error_hu.sum()),
    }


def _rank_correlation(first: np.ndarray, second: np.ndarray) -> float:
    if first.size < 2 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return float("nan")
    return float(spearmanr(first, second).statistic)


def error_by_uncertainty(blocks: list[Blocks], bins: int = _TENTH) -> tuple[np.ndarray, np.ndarray]:
    """Mean uncertainty and mean error of groups of equally many blocks, by ascending uncertainty.

    Args:
        blocks: blocks of each patient.
        bins: number of groups.

    Returns:
        Mean uncertainty and mean error of each group, HU.
    """
    uncertainty_hu = np.concatenate([patient.uncertainty_hu for patient in blocks])
    error_hu = np.concatenate([patient.error_hu for patient in blocks])
    groups = np.array_split(np.argsort(uncertainty_hu, kind="stable"), bins)
    return (
        np.array([uncertainty_hu[group].mean() for group in groups]),
        np.array([error_hu[group].mean() for group in groups]),
    )
