"""The MONAI bundle as a zip, as MONAI users exchange it: `make bundle`, or `python -m deploy.bundle_zip FOLDER`."""

import argparse
import json
import sys
import zipfile
from pathlib import Path

BUNDLE = Path(__file__).resolve().parents[1] / "bundle"
_PARTS = ("LICENSE", "configs", "docs", "models", "scripts", "cohorts", "studies")
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
        for source in _files():
            entry = zipfile.ZipInfo(f"syn_cta/{source.relative_to(BUNDLE).as_posix()}", _EPOCH)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, source.read_bytes(), zipfile.ZIP_DEFLATED)
    return path


def _files() -> list[Path]:
    found = [BUNDLE / part for part in _PARTS if (BUNDLE / part).is_file()]
    found += [path for part in _PARTS for path in (BUNDLE / part).rglob("*") if path.is_file()]
    return sorted(path for path in found if "__pycache__" not in path.parts and not path.name.startswith("."))


def main() -> int:
    """Write the zip and say where it is."""
    parser = argparse.ArgumentParser(prog="python -m deploy.bundle_zip", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="folder that gets the zip")
    print(zip_bundle(parser.parse_args().folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
