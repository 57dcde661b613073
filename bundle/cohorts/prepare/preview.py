"""Thumbnail of a pair: NCCT, CTA and CTA - NCCT, an axial and a coronal plane."""

from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

from cohorts.prepare.coarse_pair import CoarsePair

_NCCT_HU = (-160.0, 240.0)
_CTA_HU = (-100.0, 500.0)
_DIFFERENCE_HU = 300.0
_PANEL_PX = 220

CAPTIONS = (
    f"NCCT, {_NCCT_HU[0]:.0f} to {_NCCT_HU[1]:.0f} HU",
    f"CTA, {_CTA_HU[0]:.0f} to {_CTA_HU[1]:.0f} HU",
    f"CTA - NCCT, blue -{_DIFFERENCE_HU:.0f} to red +{_DIFFERENCE_HU:.0f} HU",
)
"""What the three panels show, and from which HU to which."""


def save_preview(coarse: CoarsePair, path: Path) -> None:
    """Save the planes through the middle of what is most enhanced, as PNG without any text or metadata."""
    raised = np.clip(coarse.cta_hu - coarse.ncct_hu, 0, 300) * (coarse.body & coarse.covered)
    raised = ndimage.gaussian_filter(raised, 2)
    z, row, _ = np.unravel_index(int(np.argmax(raised)), raised.shape)
    ncct_hu, cta_hu = coarse.ncct_hu, coarse.cta_hu
    rows = [_row(ncct_hu[z], cta_hu[z]), _row(ncct_hu[::-1, row], cta_hu[::-1, row])]
    Image.fromarray(np.concatenate(rows)).save(path)


def _row(ncct_hu: np.ndarray, cta_hu: np.ndarray) -> np.ndarray:
    """Three panels of equal width, uint8 RGB."""
    panels = [_grey(ncct_hu, *_NCCT_HU), _grey(cta_hu, *_CTA_HU), _difference(cta_hu - ncct_hu)]
    return np.concatenate([_scaled(panel) for panel in panels], axis=1)


def _grey(hu: np.ndarray, black_hu: float, white_hu: float) -> np.ndarray:
    grey = np.clip((hu - black_hu) / (white_hu - black_hu), 0, 1) * 255
    return np.repeat(grey.astype(np.uint8)[..., None], 3, axis=-1)


def _difference(difference_hu: np.ndarray) -> np.ndarray:
    """Red where the CTA is brighter, blue where it is darker, white where nothing changed."""
    strength = np.clip(difference_hu / _DIFFERENCE_HU, -1, 1)[..., None]
    red, blue = np.array([178, 24, 43]), np.array([33, 102, 172])
    colour = 255 + np.where(strength > 0, strength * (red - 255.0), -strength * (blue - 255.0))
    return colour.astype(np.uint8)


def _scaled(panel: np.ndarray) -> np.ndarray:
    height = max(1, round(panel.shape[0] * _PANEL_PX / panel.shape[1]))
    return np.asarray(Image.fromarray(panel).resize((_PANEL_PX, height)))
