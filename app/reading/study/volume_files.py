"""The blinded volumes on disk."""

import secrets
from pathlib import Path

import numpy as np
from django.conf import settings

from app.reading.study.models import Scan


def save_volume(folder: Path, hu: np.ndarray) -> str:
    """Write (slice, row, column) int16 HU under a random name, which is returned."""
    name = secrets.token_urlsafe(16)
    path = folder / f"{name}.npy"
    path.touch(mode=0o600)
    np.save(path, hu, allow_pickle=False)
    return name


def open_volume(scan: Scan) -> np.ndarray:
    """(slice, row, column) int16 HU, read from disk only where it is used."""
    return np.load(settings.READING_FOLDER.volumes / f"{scan.volume}.npy", mmap_mode="r", allow_pickle=False)
