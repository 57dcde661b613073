"""Where bundle and settings lie that come with the app."""

from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent

BUNDLE = _ROOT / "bundle"
SETTINGS = _ROOT / "app.yaml"
