"""The volumes of one result, all on one grid, decoded piece by piece when the page asks for them."""

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path

import numpy as np
import pydicom
import pydicom.errors
from pydicom.tag import Tag
from pydicom.uid import CTImageStorage

from app.viewer.results import Result
from operators.dicom_loader.decoder_process import DecoderProcess
from operators.dicom_loader.files import files_under
from operators.dicom_loader.pixels import load_hu
from operators.dicom_loader.scan import READER_THREADS, SourceSlice, scan_files
from operators.errors import Reason, Refusal
from operators.output.staging import SERIES_FOLDER, UNCERTAINTY_FOLDER

NCCT, SYN_CTA, UNCERTAINTY = "ncct", "syn-cta", "uncertainty"

_SliceKey = tuple[str, int | None]
"""SOP Instance UID and frame number of a slice; None for a single-frame file."""

_PIXELS = (
    *("SOPClassUID", "SOPInstanceUID", "Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit"),
    *("PixelRepresentation", "SamplesPerPixel", "PhotometricInterpretation", "NumberOfFrames"),
    *("RescaleSlope", "RescaleIntercept", "PixelPaddingValue", "PixelPaddingRangeLimit"),
)
"""Attributes read from a source slice: its identity, and what decoding needs."""

_RESULT_TAGS = [Tag(keyword) for keyword in (*_PIXELS, "ImagePositionPatient", "SourceImageSequence")]
"""Attributes read from a written slice: in addition its position and its source."""

_DAMAGED = "The DICOM files of the result are incomplete or do not belong together. Run the app again."


class SourceFolder:
    """The DICOM folder that the results were made from; read when first asked.

    Args:
        folder: searched with its sub-folders; None where it is not known.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self._lock = threading.Lock()

    def find(self, keys: list[_SliceKey]) -> list[SourceSlice] | None:
        """Slices by their UIDs.

        Returns:
            One slice for each key; None when not all of them are in the folder.

        Raises:
            Refusal: when the folder cannot be read.
        """
        if self.folder is None:
            return None
        with self._lock:
            by_key = self._by_key
        found = [by_key.get(key) for key in keys]
        return None if None in found else [source for source in found if source is not None]

    @cached_property
    def _by_key(self) -> dict[_SliceKey, SourceSlice]:
        scan = scan_files(files_under(self.folder), _PIXELS) if self.folder else None
        series = scan.series.values() if scan else ()
        return {
            (str(source.header.SOPInstanceUID), source.frame_number): source
            for slices in series
            for source in slices
            if "SOPInstanceUID" in source.header
        }


class ResultVolumes:
    """NCCT, Syn-CTA and uncertainty of a result.

    Args:
        result: which one.
        source: where its NCCT may be.

    Attributes:
        affine_lps: (4, 4) matrix from (column, row, slice, 1) to mm in LPS.
        names: what there is, of `NCCT`, `SYN_CTA` and `UNCERTAINTY`, in this order.

    Raises:
        Refusal: CORRUPT, when the result's files are not what its record says.
    """

    def __init__(self, result: Result, source: SourceFolder) -> None:
        series = result.record["series"]
        self.affine_lps = np.array(series["affine_lps_mm"], dtype=float)
        self.shape = (int(series["slices"]), int(series["rows"]), int(series["columns"]))
        syn_cta = self._in_order(result.folder / SERIES_FOLDER)
        self._slices: dict[str, list[SourceSlice]] = {SYN_CTA: syn_cta}
        ncct = source.find(_source_keys(syn_cta))
        if ncct is not None:
            self._slices = {NCCT: ncct, SYN_CTA: syn_cta}
        if (result.folder / UNCERTAINTY_FOLDER).is_dir():
            self._slices[UNCERTAINTY] = self._in_order(result.folder / UNCERTAINTY_FOLDER)
        self.names = tuple(self._slices)
        self._decoder = DecoderProcess()

    def hu(self, name: str, slices: range) -> np.ndarray:
        """Decode some slices.

        Args:
            name: one of `names`.
            slices: which, counted as in the record: ascending along the slice normal.

        Returns:
            (slice, row, column) HU, int16 where that holds every value, else float32.

        Raises:
            Refusal: CORRUPT or UNREADABLE.
        """
        return load_hu([self._slices[name][i] for i in slices], self._decoder).hu

    def _in_order(self, folder: Path) -> list[SourceSlice]:
        """Slices of a written series, ascending along the slice normal, checked against the record."""
        with ThreadPoolExecutor(READER_THREADS) as pool:
            slices = list(pool.map(_read, files_under(folder)))
        count, rows, columns = self.shape
        if len(slices) != count or any((each.header.Rows, each.header.Columns) != (rows, columns) for each in slices):
            raise Refusal(Reason.CORRUPT, _DAMAGED)
        normal = self.affine_lps[:3, 2]
        return sorted(slices, key=lambda each: float(np.dot(each.header.ImagePositionPatient, normal)))


def _read(path: Path) -> SourceSlice:
    """A slice that the app has written."""
    try:
        header = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=_RESULT_TAGS)
        if header.SOPClassUID != CTImageStorage or len(header.ImagePositionPatient) != 3:
            raise Refusal(Reason.CORRUPT, _DAMAGED)
    except (AttributeError, TypeError, ValueError, OSError, pydicom.errors.InvalidDicomError) as error:
        raise Refusal(Reason.CORRUPT, _DAMAGED) from error
    return SourceSlice(path, header)


def _source_keys(slices: list[SourceSlice]) -> list[_SliceKey]:
    """Which source slice each written slice was made from, as its Source Image Sequence (0008,2112) says."""
    try:
        images = [written.header.SourceImageSequence[0] for written in slices]
        return [(str(image.ReferencedSOPInstanceUID), image.get("ReferencedFrameNumber")) for image in images]
    except (AttributeError, IndexError) as error:
        raise Refusal(Reason.CORRUPT, _DAMAGED) from error
