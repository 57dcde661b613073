"""Write a synthetic image series: one CT slice for each source slice, in parallel."""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset

from operators.dicom_objects.identity import IS_MAX, RunIdentity
from operators.dicom_objects.uid import derived_uid
from operators.dicom_writer.image_series import ImageSeries
from operators.dicom_writer.sop import SyntheticCTImage, stored_values
from operators.errors import Reason, Refusal

_MAX_WRITERS = 8

_REFERENCED = (
    "SOPClassUID",
    "SOPInstanceUID",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "FrameOfReferenceUID",
    "Modality",
    "InstanceNumber",
    "SamplesPerPixel",
    "Rows",
    "Columns",
    "RescaleIntercept",
    "RescaleSlope",
    "RescaleType",
)
_PATIENT = (
    "PatientID",
    "PatientName",
    "PatientBirthDate",
    "PatientSex",
    "AccessionNumber",
    "StudyID",
    "StudyDate",
    "StudyTime",
)
"""Left empty in a reference: highdicom requires them, and would log an unusual patient name."""


@dataclass(frozen=True)
class WrittenSeries:
    """A series on disk.

    Attributes:
        paths: the files in slice order.
        references: headers with which other objects refer to each slice; patient and study date are empty, no pixels.
    """

    paths: list[Path]
    references: list[Dataset]


def write_series(
    synthetic_hu: np.ndarray, folder: Path, *, series: ImageSeries, identity: RunIdentity
) -> WrittenSeries:
    """Write the slices as `0001.dcm`, `0002.dcm`, ... in ascending position.

    Args:
        synthetic_hu: (slice, row, column) HU on the grid of the source.
        folder: where to write; created, must not exist.
        series: what it shows.
        identity: the run.

    Returns:
        What was written.

    Raises:
        Refusal: INVALID_RESULT, when the volume has another shape than the source or holds a value that is not finite.
        OSError: when the files cannot be written.
    """
    headers = identity.headers
    shape = (len(headers), headers[0].Rows, headers[0].Columns)
    if synthetic_hu.shape != shape:
        raise Refusal(
            Reason.INVALID_RESULT, f"The synthetic volume has shape {synthetic_hu.shape}, the source {shape}."
        )
    numbers = _instance_numbers(headers)
    paths = [folder / f"{i + 1:04d}.dcm" for i in range(len(headers))]

    def stored_slice(i: int) -> np.ndarray:
        slice_hu = np.asarray(synthetic_hu[i])  # (row, column)
        if not np.isfinite(slice_hu).all():
            raise Refusal(Reason.INVALID_RESULT, "The synthetic volume holds NaN or infinite values.")
        return stored_values(slice_hu, series.intercept)

    def digest(i: int) -> str:
        return hashlib.sha256(stored_slice(i).data).hexdigest()

    def write_slice(i: int) -> Dataset:
        image = SyntheticCTImage(
            headers[i],
            stored_slice(i),
            series_instance_uid=series_uid,
            sop_instance_uid=derived_uid("instance", series_uid, str(i)),
            instance_number=numbers[i],
            series=series,
            identity=identity,
        )
        image.save_as(paths[i], enforce_file_format=True)
        return _reference(image)

    with ThreadPoolExecutor(min(_MAX_WRITERS, os.cpu_count() or 1)) as pool:
        # list() re-raises the first failure of a thread
        series_uid = identity.uid(repr(series), *pool.map(digest, range(len(paths))))
        folder.mkdir(parents=True)
        references = list(pool.map(write_slice, range(len(paths))))
    return WrittenSeries(paths, references)


def _reference(image: Dataset) -> Dataset:
    reference = Dataset()
    for keyword in _REFERENCED:
        if keyword in image:
            reference.add(image[keyword])
    for keyword in _PATIENT:
        setattr(reference, keyword, None)
    return reference


def _instance_numbers(headers: list[Dataset]) -> list[int]:
    """The source's numbers where they are usable, so that both series scroll alike; else 1, 2, ... by position."""
    numbers = [header.get("InstanceNumber") for header in headers]
    usable = all(number not in (None, "") and 1 <= int(number) <= IS_MAX for number in numbers)
    if not usable or len(set(numbers)) < len(numbers):
        return list(range(1, len(headers) + 1))
    return [int(number) for number in numbers]
