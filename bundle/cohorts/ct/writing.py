"""Writing of training volumes: uncompressed NIfTI in LPS index order; folders and texts appear whole or not at all."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from cohorts.ct.reading import Volume

DRAFT_PREFIX = ".draft-"
"""Drafts lie hidden beside what they become; a killed run leaves them, and nothing ever reads them."""

HU_LIMITS = (-2048, 4095)


def write_volume(path: Path, values: np.ndarray, volume: Volume) -> None:
    """Write an array on `volume`'s grid, stored (x, y, z) in LPS order.

    Uncompressed, since training seeks to single slices: 3 slices of 596 x 596 are read in 1.1 ms from .nii and in
    435 ms from .nii.gz, which must be unpacked from its start. Chunks packed slice by slice (blosc, zstd) take 3.2 ms
    and 2.3 times less disk, but no other tool opens them.

    Args:
        path: file that ends in .nii.
        values: (slices, rows, columns); uint8 stays, everything else is rounded to int16 HU.
        volume: gives spacing and origin.
    """
    if values.dtype != np.uint8:
        values = np.clip(np.rint(values), *HU_LIMITS).astype(np.int16)
    image = sitk.GetImageFromArray(values)
    image.SetSpacing(volume.spacing_mm[::-1])
    image.SetOrigin(volume.origin_mm)
    sitk.WriteImage(image, str(path), useCompression=False)


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A draft folder that becomes `target` at the end of the block, in place of an older one; gone after an error."""
    draft = Path(tempfile.mkdtemp(prefix=f"{DRAFT_PREFIX}{target.name}-", dir=target.parent))
    try:
        yield draft
        draft.chmod(0o755)
        if target.exists():
            shutil.rmtree(target)
        draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def remove_drafts(folder: Path) -> None:
    """Remove what a killed run has left in a folder; no other run may be writing there."""
    for draft in folder.glob(f"{DRAFT_PREFIX}*"):
        if draft.is_dir():
            shutil.rmtree(draft, ignore_errors=True)
        else:
            draft.unlink(missing_ok=True)


def write_whole(path: Path, text: str) -> None:
    """Write a text file that is never seen half-written."""
    draft = path.with_name(f"{DRAFT_PREFIX}{path.name}")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
