"""Where bundle and settings lie that come with the app: beside it in a checkout and an image, inside it in a wheel."""

from pathlib import Path

_HERE = Path(__file__).resolve().parent
_INSIDE = _HERE / "shipped"  # setup.py fills it
_FOLDER = _INSIDE if _INSIDE.is_dir() else _HERE.parent

BUNDLE = _FOLDER / "bundle"
SETTINGS = _FOLDER / "app.yaml"
