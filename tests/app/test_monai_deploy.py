"""The console script monai-deploy."""

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from app import monai_deploy

pytestmark = pytest.mark.slow


def test_help_names_exec_and_the_packager(capsys):
    assert monai_deploy.main(["monai-deploy", "-h"]) == 0
    text = capsys.readouterr().out
    assert "exec" in text
    assert "package" in text


@pytest.fixture
def installed_command():
    try:
        metadata.version("syn-cta")
    except metadata.PackageNotFoundError:
        pytest.skip("the project is not installed in this environment")
    return Path(sys.executable).with_name("monai-deploy")


def test_the_installed_command_is_ours(installed_command):
    """holoscan-cli installs a script of the same name; ours must win."""
    done = subprocess.run([installed_command, "exec", "-h"], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "monai-deploy exec APP" in done.stdout
    (owner,) = metadata.distribution("syn-cta").entry_points.select(name="monai-deploy")
    assert owner.load() is monai_deploy.main


@pytest.mark.parametrize(
    ("verb", "words"),
    [("package", ("make map", "--source", "--platform")), ("run", ("nvidia-smi", "--input")), ("version", ("SDK",))],
)
def test_help_of_each_verb_says_what_it_does_and_needs(installed_command, verb, words):
    done = subprocess.run([installed_command, verb, "-h"], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "eeds" in done.stdout
    assert [word for word in words if word not in done.stdout] == []


def test_version_names_the_pinned_versions(installed_command):
    done = subprocess.run([installed_command, "version"], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "4.0.0" in done.stdout + done.stderr
    assert "4.2.0" in done.stdout + done.stderr


@pytest.mark.parametrize("arguments", [[], ["-i", "in", "app"], ["no-such-app"]])
def test_exec_without_an_application_is_a_usage_error(arguments):
    assert monai_deploy.main(["monai-deploy", "exec", *arguments]) == 2


def test_an_unknown_verb_is_a_usage_error_that_names_ours(capsys):
    assert monai_deploy.main(["monai-deploy", "execute"]) == 2
    assert "exec, package, run, version" in capsys.readouterr().err


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
