"""What the delivery asks of a target, and how a target says that it failed."""

import threading
from pathlib import Path
from typing import Protocol

import pydicom
from pydicom.dataset import FileDataset
from pydicom.errors import InvalidDicomError


class DeliveryFailed(Exception):
    """A target does not have everything; the text is a word for logs and records, without patient data."""


class DeliveryStopped(Exception):
    """The gateway stops; nothing is wrong with the target."""


class Target(Protocol):
    """Somebody who takes results."""

    name: str

    def send(self, files: list[Path], stop: threading.Event) -> None:
        """Hand over DICOM files.

        Args:
            files: complete result of a job.
            stop: ends the sending early when set.

        Raises:
            DeliveryFailed: when the target does not say of each one that it has it.
            DeliveryStopped: when stopped before.
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
