"""The console script monai-deploy."""

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from app import monai_deploy


def test_help_names_exec_and_the_packager(capsys):
    assert monai_deploy.main(["monai-deploy", "-h"]) == 0
    text = capsys.readouterr().out
    assert "exec" in text
    assert "package" in text


def test_the_installed_command_is_ours():
    """holoscan-cli installs a script of the same name; ours must win."""
    try:
        metadata.version("syn-cta")
    except metadata.PackageNotFoundError:
        pytest.skip("the project is not installed in this environment")
    script = Path(sys.executable).with_name("monai-deploy")
    done = subprocess.run([script, "exec", "-h"], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "monai-deploy exec APP" in done.stdout


@pytest.mark.parametrize("arguments", [[], ["-i", "in", "app"], ["no-such-app"]])
def test_exec_without_an_application_is_a_usage_error(arguments):
    assert monai_deploy.main(["monai-deploy", "exec", *arguments]) == 2


def test_a_file_of_the_application_runs_its_folder(tmp_path, monkeypatch):
    for name in ("__main__.py", "app.py"):
        (tmp_path / name).touch()
    called = []
    monkeypatch.setattr(monai_deploy.os, "execv", lambda _, command: called.append(command))
    monai_deploy.main(["monai-deploy", "exec", str(tmp_path / "app.py"), "-i", "x"])
    assert called[0][1:] == [str(tmp_path), "-i", "x"]


def test_other_verbs_go_to_the_packager(monkeypatch):
    seen = []
    monkeypatch.setattr("holoscan_cli.__main__.main", seen.append)
    assert monai_deploy.main(["monai-deploy", "package", "-h"]) == 0
    assert seen == [["monai-deploy", "package", "-h"]]
