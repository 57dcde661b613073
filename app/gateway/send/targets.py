"""The interface of a target, and the error that it raises on failure."""

from pathlib import Path
from typing import Protocol

import pydicom
from pydicom.dataset import FileDataset
from pydicom.errors import InvalidDicomError


class DeliveryFailed(Exception):
    """A target does not have everything; the text is a short reason for logs and records, without patient data."""


class DeliveryStopped(Exception):
    """The gateway stops; nothing is wrong with the target."""


class Stop(Protocol):
    """Says when to stop."""

    def is_set(self) -> bool:
        """Whether to stop."""


class Target(Protocol):
    """A receiver of results."""

    name: str

    def send(self, files: list[Path], stop: Stop) -> None:
        """Send DICOM files.

        Args:
            files: complete result of a job.
            stop: ends the sending early when set.

        Raises:
            DeliveryFailed: when the target does not confirm each file.
            DeliveryStopped: when stopped before.
        """

    def check(self) -> str:
        """Check that the target answers and accepts the gateway; sends no patient data.

        Returns:
            The outcome, in words.

        Raises:
            DeliveryFailed: when it does not.
        """

    @property
    def commitment_timeout_s(self) -> float | None:
        """How long to wait for storage commitment; None where it is not asked for."""

    def ask_for_commitment(self, files: list[Path], transaction_uid: str) -> None:
        """Ask the target to keep the files; its report comes later.

        Args:
            files: complete result of a job.
            transaction_uid: under which the report comes.

        Raises:
            DeliveryFailed: when the target does not accept the request.
        """


def read_result(file: Path, *, pixels: bool = True) -> FileDataset:
    """Read an object that is to be sent.

    Args:
        file: where it lies.
        pixels: False for its header alone.

    Raises:
        DeliveryFailed: when the file is gone or damaged.
    """
    try:
        return pydicom.dcmread(file, stop_before_pixels=not pixels)
    except (OSError, InvalidDicomError) as error:
        raise DeliveryFailed("result_unreadable") from error
