"""Write a Syn-CTA series: one CT slice for each source slice, in parallel."""

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset

from operators.dicom_loader.series import NCCTSeries
from operators.dicom_writer.settings import WriterSettings
from operators.dicom_writer.sop import SeriesIdentity, SyntheticCTImage
from operators.dicom_writer.uid import derived_uid
from operators.errors import Reason, Refusal
from operators.provenance import Provenance

_MAX_WRITERS = 8


def write_series(
    series: NCCTSeries,
    synthetic_hu: np.ndarray,
    folder: Path,
    *,
    provenance: Provenance,
    settings: WriterSettings | None = None,
    created: datetime | None = None,
) -> list[Path]:
    """Write the slices as `0001.dcm`, `0002.dcm`, ... in ascending position.

    Args:
        series: the source.
        synthetic_hu: (slice, row, column) synthetic HU on the grid of the source.
        folder: where to write; created, must not exist.
        provenance: software and weights.
        settings: choices of the site; None for the defaults.
        created: time of the run; None for now.

    Returns:
        The files in slice order.

    Raises:
        Refusal: INVALID_RESULT, when the volume has another shape than the source or holds a value that is not finite.
        OSError: when the disk does not take the files.
    """
    settings = settings or WriterSettings()
    if synthetic_hu.shape != series.hu.shape:
        raise Refusal(
            Reason.INVALID_RESULT,
            f"The synthetic volume has shape {synthetic_hu.shape}, the source {series.hu.shape}.",
        )
    identity = _identity(series, provenance, settings, created or datetime.now())
    numbers = _instance_numbers(series.headers)
    folder.mkdir(parents=True)
    paths = [folder / f"{i + 1:04d}.dcm" for i in range(len(series.headers))]

    def write_slice(i: int) -> None:
        slice_hu = np.asarray(synthetic_hu[i])  # (row, column)
        if not np.isfinite(slice_hu).all():
            raise Refusal(Reason.INVALID_RESULT, "The synthetic volume holds values that are not numbers.")
        header = series.headers[i]
        image = SyntheticCTImage(
            header,
            slice_hu,
            sop_instance_uid=derived_uid("instance", identity.series_uid, header.SOPInstanceUID),
            instance_number=numbers[i],
            identity=identity,
        )
        image.save_as(paths[i], enforce_file_format=True)

    with ThreadPoolExecutor(min(_MAX_WRITERS, os.cpu_count() or 1)) as pool:
        list(pool.map(write_slice, range(len(paths))))  # list() re-raises the first failure of a thread
    return paths


def _identity(
    series: NCCTSeries, provenance: Provenance, settings: WriterSettings, created: datetime
) -> SeriesIdentity:
    """UIDs over source, weights, code and every setting: a repeat makes the same objects, a change makes others."""
    first = series.headers[0]
    source_instances = sorted(str(header.SOPInstanceUID) for header in series.headers)
    return SeriesIdentity(
        series_uid=derived_uid(
            "series", str(first.SeriesInstanceUID), *source_instances, provenance.fingerprint, settings.fingerprint
        ),
        series_number=max(1, _series_number(first) + settings.series_number_offset),
        frame_of_reference_uid=first.get("FrameOfReferenceUID") or derived_uid("frame", str(first.SeriesInstanceUID)),
        created=created,
        provenance=provenance,
        settings=settings,
    )


def _series_number(header: Dataset) -> int:
    value = header.get("SeriesNumber")
    return int(value) if value not in (None, "") else 0


def _instance_numbers(headers: list[Dataset]) -> list[int]:
    """The source's numbers where they are usable, so that both series scroll alike; else 1, 2, ... by position."""
    numbers = [header.get("InstanceNumber") for header in headers]
    if any(number in (None, "") or int(number) < 1 for number in numbers) or len(set(numbers)) < len(numbers):
        return list(range(1, len(headers) + 1))
    return [int(number) for number in numbers]
