"""HU volumes in the format of the page: bricks of a few slices, 16-bit little-endian, uncompressed."""

from typing import Any

import numpy as np

SLICES_PER_BRICK = 8
"""About 4 MB of a 512 x 512 series: small enough for a quick first picture, large enough for few requests."""

_INT16 = np.iinfo(np.int16)


def brick_ranges(slices: int) -> list[range]:
    """Slices of each brick of a volume.

    Args:
        slices: slices of the volume.

    Returns:
        Consecutive ranges that cover all slices.
    """
    return [range(start, min(start + SLICES_PER_BRICK, slices)) for start in range(0, slices, SLICES_PER_BRICK)]


def encode_brick(hu: np.ndarray) -> bytes:
    """Make the body of a brick's HTTP response.

    It is not compressed: packing and unpacking take longer than the bytes that they save, and the length of a
    compressed body would reveal something of its content to a reader of a blinded study.

    Args:
        hu: (slice, row, column) HU of any number type; rounded to whole HU and clipped to 16 bits.

    Returns:
        Signed 16-bit little-endian HU, slice by slice, row by row.
    """
    if hu.dtype != np.int16:
        hu = np.clip(np.rint(hu), _INT16.min, _INT16.max)
    return np.ascontiguousarray(hu, dtype="<i2").tobytes()


def describe_grid(shape: tuple[int, int, int], affine_lps: np.ndarray) -> dict[str, Any]:
    """Describe the grid of the volumes for the page.

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
