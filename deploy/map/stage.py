"""Lay out the build context: what goes into the image and nothing else of the repository."""

import json
import shutil
from functools import partial
from pathlib import Path

from deploy.map.manifests import render

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent

_NEVER_SHIPPED = shutil.ignore_patterns("__pycache__", "*.pyc", ".*")
_RESEARCH_PACKAGES = ("cohorts", "studies", "data", "eval", "runs")
"""What stays behind of a bundle's top level: code and folders that inference does not need."""

_READING_STUDY = "reading"
"""What stays behind of `app`: the reading study runs beside the image, on packages that the image does not have."""

_MAIN = '''\
"""Run the app from its folder, as app.json says: `python3 /opt/holoscan/app`."""

import runpy

runpy.run_module("app", run_name="__main__", alter_sys=True)
'''


def stage(folder: Path, *, bundle: Path, tag: str) -> dict:
    """Fill the context with everything but the wheels.

    Args:
        folder: build context; what an earlier staging left is replaced, wheels stay.
        bundle: MONAI bundle to ship.
        tag: name and tag of the image.

    Returns:
        app.json.
    """
    for name in ("app", "models", "docs", "manifests"):
        shutil.rmtree(folder / name, ignore_errors=True)
    application = folder / "app"
    for package in ("app", "operators", "ct_headers"):
        shutil.copytree(ROOT / package, application / package, ignore=_not_in_image)
    (application / "__main__.py").write_text(_MAIN, encoding="utf-8")
    shutil.copyfile(ROOT / "requirements.txt", application / "requirements.txt")
    shutil.copytree(bundle, folder / "models" / "bundle", ignore=partial(_not_shipped, bundle))
    _stage_docs(folder / "docs", bundle)
    shutil.copyfile(ROOT / "app.yaml", folder / "app.yaml")
    shutil.copyfile(HERE / "tools.py", folder / "tools")
    shutil.copyfile(HERE / "Dockerfile", folder / "Dockerfile")
    app, pkg = render(application, folder / "models", folder / "app.yaml", tag=tag)
    (folder / "manifests").mkdir()
    for name, manifest in (("app.json", app), ("pkg.json", pkg)):
        (folder / "manifests" / name).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    return app


def _not_in_image(folder: str, names: list[str]) -> set[str]:
    return _NEVER_SHIPPED(folder, names) | ({_READING_STUDY} if Path(folder) == ROOT / "app" else set())


def _not_shipped(bundle: Path, folder: str, names: list[str]) -> set[str]:
    left_out = _NEVER_SHIPPED(folder, names)
    return left_out | set(_RESEARCH_PACKAGES) if Path(folder) == bundle else left_out


def _stage_docs(folder: Path, bundle: Path) -> None:
    """Licences and documents, under names that say whose they are."""
    folder.mkdir()
    shutil.copyfile(ROOT / "LICENSE", folder / "LICENSE")
    shutil.copyfile(ROOT / "README.md", folder / "README.md")
    shutil.copyfile(bundle / "LICENSE", folder / "LICENSE.bundle")
    shutil.copyfile(bundle / "docs" / "README.md", folder / "MODEL_CARD.md")
    data_license = bundle / "docs" / "data_license.txt"
    if data_license.is_file():  # imported weights have none: their training data are not known
        shutil.copyfile(data_license, folder / "data_license.txt")
