"""Decode the slices of a series in parallel into one HU volume.

HU = stored value x Rescale Slope + Rescale Intercept, slice by slice (DICOM PS3.3 C.11.1.1.2). MONOCHROME1 only turns
the grey scale of the display, so HU stay as they are.
"""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pydicom
from pydicom.dataset import Dataset
from pydicom.pixels import get_decoder, pixel_array
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEGExtended12Bit

from operators.dicom_loader.scan import SourceSlice
from operators.errors import Reason, Refusal, is_unreadable

AIR_HU = -1000.0
"""HU given to padding, the pixels outside the reconstructed circle that hold no measurement."""

_MAX_DECODERS = 8


def load_hu(slices: list[SourceSlice]) -> np.ndarray:
    """Decode slices into HU.

    Args:
        slices: slices of equal matrix, in the order of the volume.

    Returns:
        (slice, row, column) float32 volume in HU.

    Raises:
        Refusal: CORRUPT, when pixels are missing, cut short or do not decode; UNSUPPORTED_CODEC, when no decoder is
            installed for the transfer syntax; UNREADABLE, when the system does not let a file be read.
    """
    header = slices[0].header
    hu = np.empty((len(slices), header.Rows, header.Columns), dtype=np.float32)
    with ThreadPoolExecutor(min(_MAX_DECODERS, os.cpu_count() or 1)) as pool:
        # list() re-raises the first failure of a thread
        list(pool.map(_load_slice, slices, hu))
    return hu


def check_codecs(slices: list[SourceSlice]) -> None:
    """Refuse a series with a transfer syntax that cannot be decoded, before any pixel is read.

    Raises:
        Refusal: UNSUPPORTED_CODEC, with the name of the transfer syntax.
    """
    for syntax in {_transfer_syntax(source.header) for source in slices}:
        try:
            available = get_decoder(syntax).is_available
        except NotImplementedError:
            available = False
        if not available:
            raise _unsupported(syntax)


def _transfer_syntax(header: Dataset) -> UID:
    return UID(str(header.file_meta.get("TransferSyntaxUID") or ImplicitVRLittleEndian))


def _unsupported(syntax: UID) -> Refusal:
    name = f"{syntax.name} ({syntax})" if syntax.type else "that the standard does not know"  # damaged, or private
    return Refusal(
        Reason.UNSUPPORTED_CODEC,
        f"No decoder for transfer syntax {name}. Send the series uncompressed or losslessly.",
    )


def _load_slice(source: SourceSlice, out_hu: np.ndarray) -> None:
    """Decode one slice into its (row, column) place in the volume."""
    syntax = _transfer_syntax(source.header)
    try:
        if syntax == DeflatedExplicitVRLittleEndian:  # the whole file is compressed: no seeking to the pixels
            stored = pydicom.dcmread(source.path).pixel_array
        else:
            stored = pixel_array(source.path)
    except MemoryError:
        raise
    except Exception as error:  # decoders raise any kind of error on damaged bytes
        if is_unreadable(error):
            raise Refusal(Reason.UNREADABLE, "A slice cannot be read. Check permissions and disk.") from error
        if syntax == JPEGExtended12Bit and source.header.BitsStored > 8:
            raise _unsupported(syntax) from error
        raise Refusal(
            Reason.CORRUPT, "The pixels of a slice are missing, cut short or do not decode. Send the series again."
        ) from error
    if stored.shape != out_hu.shape:
        raise Refusal(Reason.CORRUPT, f"A slice decodes to {stored.shape} pixels, its header says {out_hu.shape}.")
    np.multiply(stored, np.float32(source.header.RescaleSlope), out=out_hu, dtype=np.float32, casting="unsafe")
    out_hu += np.float32(source.header.RescaleIntercept)
    padding = _padding_range(source.header)
    if padding is not None:
        out_hu[(stored >= padding[0]) & (stored <= padding[1])] = AIR_HU


def _padding_range(header: Dataset) -> tuple[int, int] | None:
    """Stored values that mean padding (PS3.3 C.7.5.1.1.2): one value, or a range up to the range limit."""
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
