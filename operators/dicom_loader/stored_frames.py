"""Stored values from the files of a series, before conversion to HU."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydicom import Dataset
from pydicom.pixels import iter_pixels, pixel_array
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, JPEGLSLossless, JPEGLSNearLossless, RLELossless

from ct_headers.dicom_file import lacks_file_meta, read_whole

PLUGINS = {JPEGLSLossless: "pyjpegls", JPEGLSNearLossless: "pyjpegls"}
"""The only decoder of a transfer syntax; for the others pydicom tries all that are installed, GDCM first. Some damaged
JPEG-LS makes GDCM end the process."""


@dataclass(frozen=True)
class EncodedFile:
    """A file with slices in it.

    Attributes:
        path: the file; never logged.
        frames: which frames of a multi-frame object, from 0; None where the file is one slice.
        syntax: its transfer syntax.
        pixel_bytes: what its header promises, all frames together.
        plugin: the decoder of pydicom, "" for any.
    """

    path: Path
    frames: list[int] | None
    syntax: str
    pixel_bytes: int
    plugin: str

    @property
    def needs_native_decoder(self) -> bool:
        """Whether its pixels are decoded by a library in C or C++, which damaged bytes may make end the process."""
        syntax = UID(self.syntax)
        return syntax.is_encapsulated and syntax != RLELossless


def decode(file: EncodedFile) -> Iterator[np.ndarray]:
    """Stored values (row, column) of the slices in a file, in the order of its frames.

    Raises:
        Exception: of any kind, on damaged bytes.
    """
    source: Path | Dataset = file.path
    if file.syntax == DeflatedExplicitVRLittleEndian or lacks_file_meta(file.path):  # decoders do not find the pixels
        source = read_whole(file.path, file.pixel_bytes)
    # bits above Bits Stored are left to `stored_values`, which knows High Bit too
    if file.frames is None:
        yield pixel_array(source, decoding_plugin=file.plugin, correct_unused_bits=False)
    else:
        yield from iter_pixels(source, indices=file.frames, decoding_plugin=file.plugin, correct_unused_bits=False)
