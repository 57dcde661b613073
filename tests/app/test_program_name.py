"""The help of a command names what its user typed."""

import sys

import pytest

from app.program_name import program_name


@pytest.mark.parametrize("typed", ["/usr/local/bin/syn-cta-gateway", "syn-cta-gateway.exe"])
def test_an_installed_script_is_called_by_its_name(typed, monkeypatch):
    monkeypatch.setattr(sys, "argv", [typed])
    assert program_name("app.gateway", "syn-cta-gateway") == "syn-cta-gateway"


def test_a_module_is_called_as_python_runs_it(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["/src/app/gateway/__main__.py"])
    assert program_name("app.gateway", "syn-cta-gateway") == "python -m app.gateway"
