"""Where the wheels of the image are looked for."""

import hashlib
import subprocess
import zipfile

import pytest

from deploy.map import wheels

PYTORCH = "--extra-index-url=https://download.pytorch.org/whl/cpu"
NOBODY = "https://127.0.0.1:9/simple"


@pytest.fixture
def asked(monkeypatch):
    """Stands for pip; gives its options for each file of requirements."""
    commands = {}

    def run(command, **_):
        commands[command[-1].rsplit("/", 1)[-1].removesuffix(".part")] = command
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(wheels.subprocess, "run", run)
    return commands


def test_pytorchs_own_index_is_asked_for_its_cpu_build(asked, tmp_path):
    wheels.fetch(tmp_path, variant="cpu", python="3.11")
    assert PYTORCH in asked["torch"]


def test_pytorchs_own_index_is_asked_for_nothing_else(asked, tmp_path):
    wheels.fetch(tmp_path, variant="cpu", python="3.11")
    assert not any(PYTORCH in asked[name] for name in ("app", "sbom"))


def test_the_cuda_build_is_looked_for_where_pip_is_told_to_look(asked, tmp_path):
    wheels.fetch(tmp_path, variant="cuda", python="3.12")
    assert not any("index" in option for command in asked.values() for option in command)


@pytest.mark.slow
def test_an_index_that_cannot_be_reached_does_no_harm_where_a_folder_has_the_wheels(monkeypatch, tmp_path):
    torch, tool = wheel(tmp_path, "torch", "1+cpu"), wheel(tmp_path, "tool", "1")
    (tmp_path / "cpu-py3.11.txt").write_text(torch + tool)
    (tmp_path / "sbom.txt").write_text(tool)
    monkeypatch.setattr(wheels, "LOCK", tmp_path)
    monkeypatch.setattr(wheels, "_CPU_INDEX", NOBODY)
    pip = {"CONFIG_FILE": "/dev/null", "FIND_LINKS": str(tmp_path), "INDEX_URL": NOBODY, "EXTRA_INDEX_URL": ""}
    for name, value in {**pip, "RETRIES": "0"}.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    wheels.fetch(tmp_path / "context", variant="cpu", python="3.11")
    found = {path.name for path in (tmp_path / "context" / "wheels").iterdir()}
    assert found == {"torch-1+cpu-py3-none-any.whl", "tool-1-py3-none-any.whl"}


def wheel(folder, name, version):
    """Write an empty wheel; gives its entry of a lock file."""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        info = f"{name}-{version}.dist-info"
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"
