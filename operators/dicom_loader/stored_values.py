"""Interpret the bits of the pixels: stored values of a slice, and which of them are padding (PS3.5 8.1,
PS3.3 C.7.5.1)."""

from dataclasses import dataclass

import numpy as np
from pydicom.dataset import Dataset
from scipy import ndimage

_AIR_FROM_HU = -900.0
"""Padding of fewer HU stands for air, wherever it lies: the HU that it has and those that it gets mean the same."""

_MIN_EDGE_PIXELS = 16
"""Smallest patch of padding at the edge of the image; less are pixels of the body that happen to hold the value."""


@dataclass(frozen=True)
class Padding:
    """Padding of a slice.

    Attributes:
        outside: (row, column) pixels outside of the reconstructed field, which hold no measurement.
        measured_inside: pixels that hold the value of padding and lie inside the image: measured ones.
    """

    outside: np.ndarray
    measured_inside: int


def extract_stored_values(stored: np.ndarray, header: Dataset, *, is_native: bool) -> tuple[np.ndarray, bool]:
    """Extract the value from each allocated word: the bits above it, such as an overlay's, are ignored.

    Args:
        stored: (row, column) as decoded.
        header: Bits Stored, High Bit and Pixel Representation.
        is_native: whether the pixels are stored bit for bit; a compressed stream has the value at its lowest bits.

    Returns:
        (row, column) values, and whether bits above them were set.
    """
    bits = int(header.BitsStored)
    allocated = int(header.BitsAllocated)
    high_bit = header.get("HighBit")
    shift = int(high_bit) + 1 - bits if is_native and high_bit not in (None, "") else 0
    if bits >= allocated and shift == 0:
        return stored, False
    signed = header.PixelRepresentation == 1
    low, high = (-(1 << (bits - 1)), 1 << (bits - 1)) if signed else (0, 1 << bits)
    if shift == 0 and low <= stored.min() and stored.max() < high:  # nearly all files: no bits above, a quick test
        return stored.astype(np.int64), False
    words = stored.astype(np.int64) >> shift if shift > 0 else stored.astype(np.int64)
    values = words & ((1 << bits) - 1)
    if signed:
        values = np.where(values >= 1 << (bits - 1), values - (1 << bits), values)
    above = words - values  # 0, or what fills the word: the sign, or other bits
    return values, bool(((above != 0) & ~_is_sign(words, bits, allocated - max(shift, 0))).any())


def _is_sign(words: np.ndarray, bits: int, allocated: int) -> np.ndarray:
    """Whether the bits above the value only repeat its sign, or are empty."""
    upper = (words & ((1 << allocated) - 1)) >> (bits - 1)
    return (upper == 0) | (upper == (1 << (allocated - bits + 1)) - 1) | (upper == 1)


def find_padding(stored: np.ndarray, values: np.ndarray, hu: np.ndarray, header: Dataset) -> Padding | None:
    """Find the padding of a slice.

    Padding reaches the edge of the image, as all that lies outside of a round field does. Pixels inside that hold the
    value are measured ones: if a series stored in HU is padded with 0, the padding value is also that of water.

    Args:
        stored: (row, column) as decoded.
        values: the same as meant.
        hu: the same in HU.
        header: Pixel Padding Value and Range Limit.

    Returns:
        The padding, None where the slice has none.
    """
    span = _padding_range(header)
    if span is None:
        return None
    padded = (values >= span[0]) & (values <= span[1]) | (stored >= span[0]) & (stored <= span[1])
    if not padded.any():
        return None
    if hu[padded].max() <= _AIR_FROM_HU:
        return Padding(padded, 0)
    labels, count = ndimage.label(padded)
    at_edge = np.zeros(count + 1, dtype=bool)
    for edge in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        at_edge[edge] = True
    at_edge &= np.bincount(labels.ravel(), minlength=count + 1) >= _MIN_EDGE_PIXELS
    at_edge[0] = False
    outside = at_edge[labels]
    return Padding(outside, int(np.count_nonzero(padded & ~outside)))


def _padding_range(header: Dataset) -> tuple[int, int] | None:
    """Stored values that mean padding: one value, or a range up to the range limit."""
    first = header.get("PixelPaddingValue")
    if first is None or first == "":
        return None
    last = header.get("PixelPaddingRangeLimit")
    values = [_as_stored(int(value), header) for value in (first, first if last in (None, "") else last)]
    return min(values), max(values)


def _as_stored(value: int, header: Dataset) -> int:
    """Read a padding value with the sign of the pixels: some writers use the other of US and SS."""
    span = 1 << header.BitsAllocated
    if header.PixelRepresentation == 1 and value >= span // 2:
        return value - span
    if header.PixelRepresentation == 0 and value < 0:
        return value + span
    return value
