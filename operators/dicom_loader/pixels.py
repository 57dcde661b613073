"""Decode the slices of a series in parallel into one HU volume, the only copy of it.

HU = stored value x Rescale Slope + Rescale Intercept, slice by slice (DICOM PS3.3 C.11.1.1.2). MONOCHROME1 only turns
the grey scale of the display, so HU stay as they are.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset
from pydicom.pixels import get_decoder
from pydicom.uid import UID, ImplicitVRLittleEndian, JPEGExtended12Bit, RLELossless

from operators.dicom_loader.decoder_process import DecoderProcess, DecodingFailed, Failure
from operators.dicom_loader.scan import SourceSlice
from operators.dicom_loader.stored_frames import PLUGINS, EncodedFile, decode
from operators.dicom_loader.stored_values import extract_stored_values, find_padding
from operators.errors import Reason, Refusal, is_unreadable

AIR_HU = -1000.0
"""HU given to padding, the pixels outside the reconstructed circle that hold no measurement."""

_MAX_DECODERS = 8
_INT16 = np.iinfo(np.int16)
_DAMAGED = "The pixel data of a slice are missing, too short or cannot be decoded. Send the series again."
_NOT_READ = "The file of a slice cannot be read. Check permissions and disk."


@dataclass(frozen=True)
class DecodedVolume:
    """The pixels of a series.

    Attributes:
        hu: (slice, row, column) HU: int16 where that holds every value, else float32; padding outside of the
            reconstructed field is air.
        warnings: irregularities of the stored pixels.
    """

    hu: np.ndarray
    warnings: list[str]


@dataclass
class _PixelIrregularities:
    """Counted while slices are decoded.

    Attributes:
        padding_inside: pixels inside the image that hold the value of padding.
        slices_with_other_bits: slices with bits set above Bits Stored.
    """

    padding_inside: int = 0
    slices_with_other_bits: int = 0

    @property
    def warnings(self) -> list[str]:
        found = []
        if self.padding_inside:
            found.append(
                f"{self.padding_inside} pixel(s) inside the body have the Pixel Padding Value (0028,0120). They were "
                "taken as measured and their HU are used."
            )
        if self.slices_with_other_bits:
            found.append(
                f"Bits above Bits Stored (0028,0101) are set in {self.slices_with_other_bits} slice(s), for example by "
                "an overlay. They are not part of the HU and were ignored."
            )
        return found


def load_hu(slices: list[SourceSlice], decoder: DecoderProcess | None = None) -> DecodedVolume:
    """Decode slices into HU.

    Args:
        slices: slices of equal matrix, in the order of the volume.
        decoder: the process for compressed slices, which a caller keeps who decodes often; None for one of its own.

    Returns:
        The volume.

    Raises:
        Refusal: CORRUPT, when pixels are missing, cut short or do not decode; UNSUPPORTED_CODEC, when no decoder is
            installed for the transfer syntax; UNREADABLE, when the system does not let a file be read.
    """
    indices_of_file: dict[Path, list[int]] = {}
    for i, source in enumerate(slices):
        indices_of_file.setdefault(source.path, []).append(i)
    _check_sizes(slices, indices_of_file)
    header = slices[0].header
    shape = (len(slices), header.Rows, header.Columns)
    if decoder is None:
        with DecoderProcess() as own:
            return _decoded(slices, indices_of_file, shape, own)
    return _decoded(slices, indices_of_file, shape, decoder)


def _decoded(
    slices: list[SourceSlice],
    indices_of_file: dict[Path, list[int]],
    shape: tuple[int, int, int],
    decoder: DecoderProcess,
) -> DecodedVolume:
    if all(_is_whole(source.header.RescaleSlope) and _is_whole(source.header.RescaleIntercept) for source in slices):
        try:
            return _decode_into_volume(slices, indices_of_file, np.empty(shape, dtype=np.int16), decoder)
        except _BeyondInt16:
            pass
    return _decode_into_volume(slices, indices_of_file, np.empty(shape, dtype=np.float32), decoder)


def _check_sizes(slices: list[SourceSlice], indices_of_file: dict[Path, list[int]]) -> None:
    """Refuse uncompressed files that are smaller than their pixels: a wrong header must not claim all memory."""
    for path, indices in indices_of_file.items():
        header = slices[indices[0]].header
        syntax = _transfer_syntax(header)
        stored_bytes = len(indices) * header.Rows * header.Columns * header.BitsAllocated // 8
        try:
            file_bytes = path.stat().st_size
        except OSError as error:
            raise Refusal(Reason.UNREADABLE, _NOT_READ) from error
        if not (syntax.is_compressed or syntax.is_deflated) and stored_bytes > file_bytes:
            raise Refusal(Reason.CORRUPT, _DAMAGED)


class _BeyondInt16(Exception):
    """A slice holds HU that 16 bits do not."""


def _decode_into_volume(
    slices: list[SourceSlice], indices_of_file: dict[Path, list[int]], hu: np.ndarray, decoder: DecoderProcess
) -> DecodedVolume:
    """The volume with all slices decoded into it, file by file in parallel."""
    irregularities = [_PixelIrregularities() for _ in slices]
    files = [(_encoded([slices[i] for i in indices]), indices) for indices in indices_of_file.values()]
    compressed = [(file, indices) for file, indices in files if file.needs_native_decoder]

    def decode_file(job: tuple[EncodedFile, list[int]]) -> None:
        file, indices = job
        decoded = _stored(file, slices[indices[0]].header)
        for i in indices:
            stored = next(decoded, None)
            if stored is None:
                raise Refusal(
                    Reason.CORRUPT, "A multi-frame object holds fewer frames than its Number of Frames. Send it again."
                )
            _to_hu(stored, slices[i].header, hu[i], irregularities[i])

    def store_slice(file_number: int, slice_number: int, stored: np.ndarray) -> None:
        i = compressed[file_number][1][slice_number]
        _to_hu(stored, slices[i].header, hu[i], irregularities[i])

    with ThreadPoolExecutor(min(_MAX_DECODERS, os.cpu_count() or 1)) as pool:
        # list() re-raises the first failure of a thread
        list(pool.map(decode_file, [job for job in files if not job[0].needs_native_decoder]))
    if compressed:
        _decode_in_process(decoder, compressed, slices, store_slice)
    total = _PixelIrregularities(
        sum(each.padding_inside for each in irregularities), sum(each.slices_with_other_bits for each in irregularities)
    )
    return DecodedVolume(hu, total.warnings)


def _is_whole(value: float) -> bool:
    return float(value).is_integer()


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
        f"No decoder for transfer syntax {name}. Send the series uncompressed or with lossless compression.",
    )


def _encoded(sources: list[SourceSlice]) -> EncodedFile:
    """How the slices of one file are to be decoded."""
    header = sources[0].header
    syntax = _transfer_syntax(header)
    frame_bytes = header.Rows * header.Columns * header.BitsAllocated // 8
    return EncodedFile(
        path=sources[0].path,
        frames=None if sources[0].frame_number is None else [each.frame_number - 1 for each in sources],
        syntax=str(syntax),
        pixel_bytes=frame_bytes * int(header.get("NumberOfFrames") or 1),
        plugin=PLUGINS.get(syntax, ""),
    )


def _stored(file: EncodedFile, header: Dataset) -> Iterator[np.ndarray]:
    """Stored values (row, column) of the slices in one file, in their order."""
    try:
        yield from decode(file)
    except MemoryError:
        raise
    except Exception as error:  # decoders raise any kind of error on damaged bytes
        failure = Failure.UNREADABLE if is_unreadable(error) else Failure.DAMAGED
        raise _refusal(failure, file.syntax, header.BitsStored) from error


def _decode_in_process(
    decoder: DecoderProcess,
    compressed: list[tuple[EncodedFile, list[int]]],
    slices: list[SourceSlice],
    store_slice: Callable[[int, int, np.ndarray], None],
) -> None:
    """Decode compressed slices in another process."""
    header = slices[compressed[0][1][0]].header
    try:
        decoder.decode([file for file, _ in compressed], header.Rows * header.Columns, store_slice)
    except DecodingFailed as error:
        if error.failure is Failure.MEMORY:
            raise MemoryError from error
        raise _refusal(error.failure, error.syntax, header.BitsStored) from error


def _refusal(failure: Failure, syntax: str, bits_stored: int) -> Refusal:
    if failure is Failure.UNREADABLE:
        return Refusal(Reason.UNREADABLE, _NOT_READ)
    if syntax == JPEGExtended12Bit and bits_stored > 8:
        return _unsupported(JPEGExtended12Bit)
    return Refusal(Reason.CORRUPT, _DAMAGED)


def _to_hu(stored: np.ndarray, header: Dataset, out_hu: np.ndarray, irregularities: _PixelIrregularities) -> None:
    """Put the HU of stored values (row, column) into their place in the volume."""
    if stored.shape != out_hu.shape:
        raise Refusal(
            Reason.CORRUPT,
            f"A slice has {stored.shape} pixels, but its header says {out_hu.shape}. Send the series again.",
        )
    syntax = _transfer_syntax(header)
    is_native = not syntax.is_encapsulated or syntax == RLELossless
    values, has_other_bits = extract_stored_values(stored, header, is_native=is_native)
    irregularities.slices_with_other_bits = int(has_other_bits)
    if out_hu.dtype == np.int16:
        slice_hu = values.astype(np.int64, copy=False) * int(header.RescaleSlope) + int(header.RescaleIntercept)
    else:
        slice_hu = values * np.float32(header.RescaleSlope) + np.float32(header.RescaleIntercept)
    padding = find_padding(stored, values, slice_hu, header)
    if padding is not None:
        slice_hu[padding.outside] = AIR_HU
        irregularities.padding_inside = padding.measured_inside
    if out_hu.dtype == np.int16 and (slice_hu.min() < _INT16.min or slice_hu.max() > _INT16.max):
        raise _BeyondInt16
    out_hu[:] = slice_hu
