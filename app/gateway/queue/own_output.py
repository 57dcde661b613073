"""Recognises the gateway's own results when a PACS routes them back: they must not start another run.

Recognised by their header (Synthetic Data, Image Type) or, if a PACS has changed it, by the UID of their series:
`own-series` in the queue folder lists a hash of each series before it is sent.
"""

import logging
import os
from pathlib import Path

import pydicom
from pydicom.dataset import Dataset

from app.gateway.queue.spool import hashed
from operators.durable import sync_folder

logger = logging.getLogger(__name__)

_SYNTHETIC = "SYNTHETIC"
_LEDGER = "own-series"


class OwnOutput:
    """The series that this gateway has made.

    Args:
        queue_folder: folder of the ledger.
    """

    def __init__(self, queue_folder: Path) -> None:
        self._ledger = queue_folder / _LEDGER
        self._series = set(self._ledger.read_text().split()) if self._ledger.exists() else set()

    def add_results(self, files: list[Path]) -> None:
        """Record the series of result files; on the disk when this returns.

        Args:
            files: DICOM files that are about to be sent.
        """
        series = {str(pydicom.dcmread(file, specific_tags=["SeriesInstanceUID"]).SeriesInstanceUID) for file in files}
        new = {hashed(uid) for uid in series} - self._series
        if not new:
            return
        with self._ledger.open("a", encoding="ascii") as ledger:
            ledger.write("".join(f"\n{name}\n" for name in sorted(new)))  # a line cut by a crash stands alone
            ledger.flush()
            os.fsync(ledger.fileno())
        sync_folder(self._ledger.parent)
        self._series |= new

    def is_own(self, header: Dataset) -> bool:
        """Whether an object is a result of this software, or another synthetic one.

        Args:
            header: with SyntheticData, ImageType and SeriesInstanceUID.
        """
        return (
            header.get("SyntheticData") == "YES"
            or _SYNTHETIC in (header.get("ImageType") or ())
            or hashed(str(header.get("SeriesInstanceUID", ""))) in self._series
        )
