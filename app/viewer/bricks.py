"""HU volumes as the page takes them: bricks of a few slices, 16-bit little-endian, gzip on the wire."""

from typing import Any

import numpy as np
from isal import igzip

SLICES_PER_BRICK = 8
"""About 4 MB of a 512 x 512 series: small enough for a quick first picture, large enough for few requests."""

_LEVEL = 1  # ISA-L's: five times as fast as zlib's fastest, as small; the page waits for it
_INT16 = np.iinfo(np.int16)


def brick_ranges(slices: int) -> list[range]:
    """Slices of each brick of a volume.

    Args:
        slices: slices of the volume.

    Returns:
        Consecutive ranges that cover all slices.
    """
    return [range(start, min(start + SLICES_PER_BRICK, slices)) for start in range(0, slices, SLICES_PER_BRICK)]


def encode_brick(hu: np.ndarray, *, compressed: bool = True) -> bytes:
    """Make the body of a brick's HTTP response.

    Args:
        hu: (slice, row, column) HU of any number type; rounded to whole HU and clipped to 16 bits.
        compressed: gzip, to be sent with `Content-Encoding: gzip`; the length of the body then depends on the content.

    Returns:
        Signed 16-bit little-endian HU, slice by slice, row by row.
    """
    if hu.dtype != np.int16:
        hu = np.clip(np.rint(hu), _INT16.min, _INT16.max)
    body = np.ascontiguousarray(hu, dtype="<i2").tobytes()
    return igzip.compress(body, compresslevel=_LEVEL, mtime=0) if compressed else body


def describe_grid(shape: tuple[int, int, int], affine_lps: np.ndarray) -> dict[str, Any]:
    """Say to the page which grid its volumes have.

    Args:
        shape: (slice, row, column) size.
        affine_lps: (4, 4) matrix from (column, row, slice, 1) to mm in LPS.

    Returns:
        The `grid` of `openPanes` in `web/src/panes.js`, for JSON.
    """
    slices, rows, columns = shape
    return {
        "columns": columns,
        "rows": rows,
        "slices": slices,
        "affine_lps_mm": np.asarray(affine_lps, dtype=float).tolist(),
        "slices_per_brick": SLICES_PER_BRICK,
    }
