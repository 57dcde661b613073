"""App and bundle are handed over apart and carry the same words and the same reader, each in a package of its own."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OF_BUNDLE, OF_APP = ROOT / "bundle" / "cohorts" / "ct_headers", ROOT / "operators" / "ct_headers"


def names(folder):
    return {path.name for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize("name", sorted(names(OF_BUNDLE) | names(OF_APP)))
def test_app_and_bundle_read_headers_by_the_same_file(name):
    of_bundle, of_app = ((folder / name).read_bytes() for folder in (OF_BUNDLE, OF_APP))
    assert of_bundle == of_app, "change the app's, then: cp operators/ct_headers/*.* bundle/cohorts/ct_headers/"


def test_no_package_is_a_link():
    links = [path for top in ("app", "operators", "bundle") for path in (ROOT / top).iterdir() if path.is_symlink()]
    links += [path for path in (ROOT / "bundle" / "cohorts").iterdir() if path.is_symlink()]
    assert links == []
