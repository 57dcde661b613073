"""Paths of the bundle and settings shipped with the app: beside it in a checkout or image, inside it in a wheel."""

from pathlib import Path

_HERE = Path(__file__).resolve().parent
_INSIDE = _HERE / "shipped"  # setup.py fills it
_FOLDER = _INSIDE if _INSIDE.is_dir() else _HERE.parent

BUNDLE = _FOLDER / "bundle"
SETTINGS = _FOLDER / "app.yaml"
