"""The MONAI bundle as a zip, as MONAI users exchange it: `make bundle`, or `python -m deploy.bundle_zip FOLDER`."""

import argparse
import json
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUNDLE = ROOT / "bundle"
_PARTS = ("LICENSE", "configs", "docs", "models", "scripts", "cohorts", "studies")
_BESIDE = ("ct_headers",)
"""Packages beside the bundle that `cohorts` imports; in the zip they lie inside it."""
_EPOCH = (1980, 1, 1, 0, 0, 0)  # of every entry, so that the same bundle gives the same bytes


def zip_bundle(folder: Path) -> Path:
    """Write the zip.

    Args:
        folder: takes it; created when missing.

    Returns:
        The zip, `syn_cta_v<version>.zip`, with the one folder `syn_cta` inside: the names of the model zoo.
    """
    version = json.loads((BUNDLE / "configs" / "metadata.json").read_text(encoding="utf-8"))["version"]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"syn_cta_v{version}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for source, name in _files():
            entry = zipfile.ZipInfo(f"syn_cta/{name.as_posix()}", _EPOCH)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, source.read_bytes(), zipfile.ZIP_DEFLATED)
    return path


def _files() -> list[tuple[Path, Path]]:
    """What goes into the zip, and where it lies there."""
    tops = [(BUNDLE, part) for part in _PARTS] + [(ROOT, package) for package in _BESIDE]
    found = [(path, path.relative_to(base)) for base, top in tops for path in (base / top, *(base / top).rglob("*"))]
    return sorted(
        (path, name)
        for path, name in found
        if path.is_file() and "__pycache__" not in name.parts and not name.name.startswith(".")
    )


def main() -> int:
    """Write the zip and say where it is."""
    parser = argparse.ArgumentParser(prog="python -m deploy.bundle_zip", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="folder that gets the zip")
    print(zip_bundle(parser.parse_args().folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
