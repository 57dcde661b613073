"""What the build command says and does before a builder runs."""

import subprocess

import pytest

from deploy.map import build

pytestmark = pytest.mark.slow


@pytest.fixture
def no_wheels(monkeypatch):
    """Stands for the registry, which tests do not ask."""
    fetched = []
    monkeypatch.setattr(build, "fetch", lambda context, **target: fetched.append(target))
    return fetched


def test_no_build_stages_the_variant_for_the_python_of_its_base(no_wheels, tmp_path):
    assert build.main(["--no-build", "--variant", "cuda", "--context", str(tmp_path)]) == 0
    assert no_wheels == [{"variant": "cuda", "python": "3.12"}]
    staged = {path.name for path in (tmp_path / "cuda-py3.12").iterdir()}
    assert staged == {"Dockerfile", "app", "app.yaml", "docs", "manifests", "models", "tools"}


def test_a_variant_that_is_not_locked_is_said(tmp_path, caplog):
    assert build.main(["--no-build", "--python", "3.10", "--context", str(tmp_path)]) == 1
    assert "no lock file of the variant cpu for Python 3.10" in caplog.text


def test_no_builder_is_said(monkeypatch, caplog):
    monkeypatch.setattr(build, "working_builder", lambda: None)
    assert build.main([]) == 1
    assert "install podman or buildah" in caplog.text


def test_a_build_that_fails_says_why_and_what_to_do(no_wheels, monkeypatch, tmp_path, caplog):
    def run(command, **_):
        if command[0] == "podman":
            raise subprocess.CalledProcessError(125, command)
        return subprocess.CompletedProcess(command, 0, "")

    monkeypatch.setattr(build.subprocess, "run", run)
    assert build.main(["--builder", "podman", "--context", str(tmp_path)]) == 1
    assert "podman ended with exit code 125; its message is above." in caplog.messages
    assert "BASE_IMAGE=" in caplog.messages[-1]
