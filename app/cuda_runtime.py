"""Make libcudart.so.13 loadable: Holoscan links it even where there is no GPU.

On a machine without CUDA toolkit the library comes with PyPI's nvidia-cuda-runtime, in a folder that the loader does
not search. The app loads it by its path before Holoscan. As MONAI imports the App SDK, and so Holoscan, whenever it is
imported, training and tests need it too:

  python app/cuda_runtime.py

links the library once into Holoscan's own folder, where everything in this environment finds it.
"""

import ctypes
import importlib.util
import logging
import os
import sys
from pathlib import Path

from operators.errors import Reason, Refusal

logger = logging.getLogger(__name__)

LIBRARY = "libcudart.so.13"
_IN_NVIDIA = Path("cu13/lib")
_IN_HOLOSCAN = Path("lib")

_ADVICE = (
    f"{LIBRARY} is missing; Holoscan needs it even without a GPU. Install it with "
    "'pip install \"nvidia-cuda-runtime>=13,<14\"'; no GPU, driver or CUDA toolkit is needed for the CPU."
)


def preload_cuda_runtime() -> None:
    """Load the CUDA runtime; call before the first import of Holoscan.

    Raises:
        Refusal: CUDA_RUNTIME, when neither the system nor site-packages has the library.
    """
    for candidate in (LIBRARY, *map(str, _installed_libraries())):
        try:
            ctypes.CDLL(candidate, mode=ctypes.RTLD_GLOBAL)
        except OSError:
            continue
        return
    raise Refusal(Reason.CUDA_RUNTIME, _ADVICE)


def link_cuda_runtime() -> None:
    """Link the library of site-packages into Holoscan's folder; a link that is there already is renewed.

    Raises:
        Refusal: CUDA_RUNTIME, when there is no such library or the folder cannot be written.
    """
    libraries = [path for path in _installed_libraries() if path.is_file()]
    if not libraries:
        raise Refusal(Reason.CUDA_RUNTIME, _ADVICE)
    for folder in _package_folders("holoscan"):
        link = folder / _IN_HOLOSCAN / LIBRARY
        try:
            link.unlink(missing_ok=True)
            link.symlink_to(os.path.relpath(libraries[0], link.parent))
        except OSError as error:
            raise Refusal(
                Reason.CUDA_RUNTIME,
                "Holoscan's folder cannot be written. Run this command as the owner of that folder.",
            ) from error


def _installed_libraries() -> list[Path]:
    return [folder / _IN_NVIDIA / LIBRARY for folder in _package_folders("nvidia")]


def _package_folders(name: str) -> list[Path]:
    """Folders of an installed package, found without importing it; a namespace may span several."""
    found = importlib.util.find_spec(name)
    return [Path(folder) for folder in (found.submodule_search_locations or [])] if found else []


if __name__ == "__main__":
    try:
        link_cuda_runtime()
    except Refusal as refusal:
        sys.exit(refusal.message)
