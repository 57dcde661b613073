"""Fetch the locked wheels of one variant, with the registry settings of whoever builds.

They are fetched here, outside the image, so that no address, certificate or path of the building machine can stay in
it; the image is installed from the folder alone, each wheel checked against its hash.

PyTorch's CPU build is not on PyPI, so PyTorch's own index is asked for it too. pip passes over an index that it cannot
reach: what a folder (PIP_FIND_LINKS) or a mirror has is found all the same.
"""

import re
import subprocess
import sys
from pathlib import Path

LOCK = Path(__file__).resolve().parent / "lock"

_NEWEST_GLIBC_MINOR = 36
_OLD_PLATFORMS = ["manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64"]
_CPU_INDEX = "https://download.pytorch.org/whl/cpu"
_CPU_BUILD = "+cpu"
_TORCH = re.compile(r"(torch|triton|cuda-toolkit|nvidia-[\w-]+)==")  # large, seldom changing: a layer of their own


def fetch(folder: Path, *, variant: str, python: str) -> None:
    """Fill a folder with wheels and the requirement files that install them.

    Args:
        folder: takes wheels/, torch.txt, app.txt and sbom.txt; what is there already is not fetched again.
        variant: "cpu" or "cuda".
        python: Python of the base image, "3.11" or "3.12".

    Raises:
        FileNotFoundError: when the variant is not locked for this Python.
        subprocess.CalledProcessError: when a wheel cannot be had.
    """
    lock = LOCK / f"{variant}-py{python}.txt"
    if not lock.is_file():
        raise FileNotFoundError(
            f"There is no lock file of the variant {variant} for Python {python}. Make one: see deploy/map/lock.py."
        )
    torch, app = split(lock.read_text(encoding="utf-8"))
    folder.mkdir(parents=True, exist_ok=True)
    for name, entries in (("torch.txt", torch), ("app.txt", app), ("sbom.txt", (LOCK / "sbom.txt").read_text())):
        if not (folder / name).exists() or (folder / name).read_text(encoding="utf-8") != entries:
            _download(folder / name, entries, python)


def split(lock: str) -> tuple[str, str]:
    """Part a lock into PyTorch with its CUDA libraries and all the rest.

    Args:
        lock: text of a lock file.

    Returns:
        (requirements of the PyTorch layer, requirements of the layer above it), each with hashes.
    """
    entries = [entry for entry in re.split(r"\n(?=\S)", lock.strip()) if not entry.startswith("#")]
    torch = [entry for entry in entries if _TORCH.match(entry)]
    app = [entry for entry in entries if not _TORCH.match(entry)]
    return "\n".join(torch) + "\n", "\n".join(app) + "\n"


def _download(path: Path, entries: str, python: str) -> None:
    platforms = [f"manylinux_2_{minor}_x86_64" for minor in range(_NEWEST_GLIBC_MINOR, 4, -1)] + _OLD_PLATFORMS
    target = ["--python-version", python, *(f"--platform={platform}" for platform in platforms)]
    options = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--dest", str(path.parent / "wheels")]
    if _CPU_BUILD in entries:
        options.append(f"--extra-index-url={_CPU_INDEX}")
    path.unlink(missing_ok=True)
    part = path.with_suffix(".part")
    part.write_text(entries, encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", *options, *target, "--quiet", "--progress-bar", "off"]
    subprocess.run([*command, "-r", str(part)], check=True)
    part.rename(path)
