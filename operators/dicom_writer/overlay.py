"""The label as a one-bit overlay plane (DICOM PS3.3 C.9.2), group 6000."""

from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from pydicom.dataset import Dataset

OVERLAY_GROUP = 0x6000
_TEXT_HEIGHT = 1 / 20
"""Share of the image height that the text takes."""


@lru_cache(maxsize=4)
def label_bits(text: str, rows: int, columns: int) -> bytes:
    """Draw a label at the lower edge of an overlay plane.

    Args:
        text: the label.
        rows: image rows.
        columns: image columns.

    Returns:
        One bit for each pixel, packed little endian, of even length.
    """
    plane = Image.new("1", (columns, rows), 0)
    font = ImageFont.load_default(size=max(8, round(rows * _TEXT_HEIGHT)))
    ImageDraw.Draw(plane).text((columns / 2, rows * 0.985), text, fill=1, font=font, anchor="md")
    bits = np.packbits(np.asarray(plane, dtype=bool), bitorder="little").tobytes()
    return bits + b"\0" * (len(bits) % 2)


def add_overlay(dataset: Dataset, text: str) -> None:
    """Add the label to an image as overlay group 6000.

    Args:
        dataset: image with Rows and Columns, changed in place.
        text: the label.
    """
    group = OVERLAY_GROUP
    for element, vr, value in (
        (0x0010, "US", dataset.Rows),
        (0x0011, "US", dataset.Columns),
        (0x0022, "LO", f"Label: {text}"[:64]),
        (0x0040, "CS", "G"),  # graphics, not a region of interest
        (0x0050, "SS", [1, 1]),
        (0x0100, "US", 1),
        (0x0102, "US", 0),
        (0x1500, "LO", text[:64]),
        (0x3000, "OW", label_bits(text, dataset.Rows, dataset.Columns)),
    ):
        dataset.add_new((group, element), vr, value)
