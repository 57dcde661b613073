"""Converted networks on disk, each under a digest of all that it depends on."""

import hashlib
import inspect
import logging
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch
from torch import nn

from scripts.runtime.core import core

logger = logging.getLogger(__name__)

FOLDER_VARIABLE = "SYN_CTA_CACHE"
"""Environment variable that names the folder; else it is in the user's cache folder (XDG)."""

_MODEL, _WEIGHTS, _SUMS = "network.xml", "network.bin", "sha256"
_NAME = re.compile("[0-9a-f]{64}")
_MAX_MODELS = 16
"""Conversions that a folder keeps; older ones are removed. Each is as large as its weights."""


class ConversionCache:
    """Where the conversion of one network lies.

    Its name is a digest over the weights, the plain attributes of all modules (windows, strides, paddings, ...), the
    code of their classes, the kind of input and the versions of PyTorch and OpenVINO: another network has another
    name. What is read must have the SHA-256 that was noted when it was written.

    A folder that cannot be written or read costs time, but the run continues.

    Args:
        network: the network.
        example: one input of it.
    """

    def __init__(self, network: nn.Module, example: torch.Tensor) -> None:
        self._place = cache_folder() / _digest(network, example)

    def read(self) -> Any:
        """The converted network, an `openvino.Model`; None when it is missing or damaged."""
        try:
            noted = (self._place / _SUMS).read_text(encoding="ascii")
            if noted != self._checksums(self._place):
                logger.warning("A converted network in the cache is damaged; it is converted again.")
                return None
            model = core().read_model(self._place / _MODEL)
        except (OSError, RuntimeError):  # missing; present, but not readable by OpenVINO
            return None
        logger.debug("Converted network %s read from the cache.", self._place.name[:12])
        return model

    def write(self, model: Any) -> None:
        """Keep a converted network for later processes."""
        import openvino

        folder = self._place.parent
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            part = Path(tempfile.mkdtemp(prefix=".part-", dir=folder))
            try:
                openvino.save_model(model, part / _MODEL, compress_to_fp16=False)
                (part / _SUMS).write_text(self._checksums(part), encoding="ascii")
                shutil.rmtree(self._place, ignore_errors=True)  # what was damaged
                part.rename(self._place)
            finally:
                shutil.rmtree(part, ignore_errors=True)
            _delete_oldest(folder)
        except (OSError, RuntimeError) as error:  # OpenVINO raises RuntimeError for a full disk
            logger.debug("The converted network cannot be stored in the cache: %s", type(error).__name__)

    @staticmethod
    def _checksums(folder: Path) -> str:
        return "".join(
            f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in (_MODEL, _WEIGHTS)
        )


def cache_folder() -> Path:
    """Folder of the converted networks."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    if chosen:
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "syn-cta"


def _delete_oldest(folder: Path) -> None:
    ours = (path for path in folder.iterdir() if _NAME.fullmatch(path.name))
    kept = sorted(ours, key=lambda path: path.stat().st_mtime)
    for path in kept[:-_MAX_MODELS]:
        shutil.rmtree(path, ignore_errors=True)


def _digest(network: nn.Module, example: torch.Tensor) -> str:
    import openvino

    digest = hashlib.sha256()
    digest.update(f"{torch.__version__} {openvino.__version__} {example.dim()} {example.shape[1]}\n".encode())
    for name, module in network.named_modules():
        digest.update(f"{name} {type(module).__module__}.{type(module).__qualname__}\n".encode())
        digest.update(
            f"{sorted((key, repr(value)) for key, value in vars(module).items() if _is_plain(value))}".encode()
        )
    for path in sorted(_sources(network)):
        digest.update(path.read_bytes())
    for name, values in [*network.named_parameters(), *network.named_buffers()]:
        digest.update(f"{name} {tuple(values.shape)} {values.dtype}\n".encode())
        digest.update(values.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def _is_plain(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(map(_is_plain, value.values()))
    return value is None or isinstance(value, bool | int | float | str)


def _sources(network: nn.Module) -> set[Path]:
    """Source files of the modules' classes and of what these inherit, except PyTorch's own, whose version is noted."""
    classes = {kind for module in network.modules() for kind in type(module).__mro__}
    files = set()
    for kind in classes:
        if kind.__module__.split(".")[0] not in ("torch", "builtins") and kind.__module__ in sys.modules:
            source = inspect.getsourcefile(kind)
            if source:
                files.add(Path(source))
    return files
