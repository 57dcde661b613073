"""A bundle is warmed up: what runs later finds the network converted."""

import sys

import pytest

from app.warm_up import main
from tests.stand_in_bundle import write_random_bundle


@pytest.fixture(autouse=True)
def _module_search_path_as_before(monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path])  # an opened bundle puts itself in front


@pytest.mark.slow
def test_the_conversion_lies_in_the_cache_afterwards(tmp_path, bundle_folder, monkeypatch, capsys):
    monkeypatch.setenv("SYN_CTA_CACHE", str(tmp_path / "cache"))
    assert main(["-m", str(write_random_bundle(tmp_path / "bundle", bundle_folder))]) == 0
    assert capsys.readouterr().out.startswith("openvino ")
    (conversion,) = (tmp_path / "cache").iterdir()
    assert (conversion / "network.xml").is_file()


def test_a_folder_that_is_no_bundle_is_refused(tmp_path, capsys):
    assert main(["-m", str(tmp_path)]) == 78
    assert '"reason": "bundle"' in capsys.readouterr().err
