"""What is staged for the image, and its manifests against the specification (MONAI Application Package 1.0)."""

import json
import os
import re
import subprocess
import sys

import nibabel
import numpy as np
import pytest

from app.version import VERSION
from deploy.map import tools
from deploy.map.manifests import variables
from deploy.map.stage import stage
from operators.bundle.digests import digests_of
from operators.bundle.reached_code import reached_files
from scripts.networks import PaperGenerator
from studies.release import write_bundle

SEMANTIC_VERSION = r"\d+\.\d+\.\d+"


@pytest.fixture(scope="module")
def context(tmp_path_factory, bundle_folder):
    folder = tmp_path_factory.mktemp("map")
    stage(folder, bundle=bundle_folder, tag="syn-cta:test")
    return folder


@pytest.fixture(scope="module")
def app_manifest(context):
    return json.loads((context / "manifests/app.json").read_text())


@pytest.fixture(scope="module")
def pkg_manifest(context):
    return json.loads((context / "manifests/pkg.json").read_text())


@pytest.mark.slow
def test_imported_weights_whose_training_data_are_unknown_can_be_staged(tmp_path, bundle_folder):
    imported, folder = tmp_path / "imported", tmp_path / "map"
    write_bundle(PaperGenerator().state_dict(), bundle_folder, imported)
    folder.mkdir()
    stage(folder, bundle=imported, tag="syn-cta:test")
    assert "CTA-GAN" in (folder / "docs/MODEL_CARD.md").read_text()


def test_the_reading_study_is_not_in_the_image(context):
    assert (context / "app/app/cli.py").is_file()
    assert not (context / "app/app/reading").exists()


def test_app_json_has_the_fields_of_the_specification(app_manifest):
    assert app_manifest["type"] == "application"
    assert json.loads(app_manifest["command"]) == ["python3", "/opt/holoscan/app"]
    for name in ("apiVersion", "sdkVersion", "version"):
        assert re.fullmatch(SEMANTIC_VERSION, app_manifest[name]), name
    assert app_manifest["version"] == VERSION
    assert app_manifest["input"]["formats"]
    assert app_manifest["output"]["format"]
    assert app_manifest["workingDirectory"].startswith("/")
    assert isinstance(app_manifest["timeout"], int)


def test_app_json_has_every_variable_as_an_absolute_path(app_manifest):
    names = ("INPUT_PATH", "OUTPUT_PATH", "WORKDIR", "MODEL_PATH", "CONFIG_PATH", "APP_MANIFEST_PATH")
    names += ("PKG_MANIFEST_PATH", "DOCS", "LOGS")
    for name in names:
        assert app_manifest["environment"][f"HOLOSCAN_{name}"].startswith("/"), name


def test_pkg_json_has_the_fields_of_the_specification(pkg_manifest):
    assert pkg_manifest["applicationRoot"].startswith("/opt/holoscan/app")
    assert pkg_manifest["modelRoot"].startswith("/opt/holoscan/models")
    assert pkg_manifest["models"] == [{"name": "bundle", "path": "bundle"}]
    for name in ("apiVersion", "version"):
        assert re.fullmatch(SEMANTIC_VERSION, pkg_manifest[name]), name
    resources = pkg_manifest["resources"]
    assert resources["cpu"] > 0
    assert all(re.fullmatch(r"\d+(\.\d)?[GM]i", resources[name]) for name in ("memory", "gpuMemory"))


def test_the_dockerfile_sets_the_variables_of_the_manifest(repository):
    dockerfile = (repository / "deploy/map/Dockerfile").read_text()
    assert [name for name, value in variables().items() if f"{name}={value}" not in dockerfile.replace("\\", "")] == []


def test_only_what_the_app_needs_is_staged(context):
    assert sorted(path.name for path in (context / "app").iterdir()) == [
        "__main__.py",
        "app",
        "ct_headers",
        "operators",
        "requirements.txt",
    ]
    assert not [path for path in context.rglob("*") if path.name in (".git", "tests", "__pycache__", ".venv", "runs")]


@pytest.mark.slow
def test_the_staged_bundle_has_the_digests_of_its_source(context, bundle_folder):
    assert digests_of(context / "models" / "bundle") == digests_of(bundle_folder)


def test_the_staged_bundle_holds_everything_that_inference_reaches(context, bundle_folder):
    config = (bundle_folder / "configs" / "inference.yaml").read_text()
    reached = [path.relative_to(bundle_folder) for path in reached_files(bundle_folder, config)]
    assert [path for path in reached if not (context / "models" / "bundle" / path).is_file()] == []


@pytest.mark.parametrize("laboratory", ["cohorts", "studies"])
def test_the_laboratory_is_not_staged(context, laboratory):
    assert not (context / "models" / "bundle" / laboratory).exists()


@pytest.mark.slow
def test_the_staged_bundle_runs_its_inference_config(context, tmp_path):
    (tmp_path / "in").mkdir()
    volume = nibabel.Nifti1Image(np.full((32, 32, 4), 40, dtype=np.int16), np.diag([0.67, 0.67, 1.25, 1]))
    nibabel.save(volume, tmp_path / "in" / "a.nii")
    command = [sys.executable, "-m", "monai.bundle", "run", "--config_file", "configs/inference.yaml"]
    command += ["--dataset_dir", str(tmp_path / "in"), "--output_dir", str(tmp_path / "out")]
    done = subprocess.run(command, cwd=context / "models" / "bundle", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert (tmp_path / "out" / "a_syn_cta.nii.gz").is_file()


def test_the_staged_folder_runs_by_itself(context, tmp_path):
    done = subprocess.run(
        [sys.executable, context / "app", "-h"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "exit codes" in done.stdout


# ---- the entry point ----


@pytest.fixture
def entry_point(context, tmp_path, monkeypatch):
    (tmp_path / "export").mkdir()
    monkeypatch.setattr(tools, "APP_MANIFEST", context / "manifests/app.json")
    monkeypatch.setattr(tools, "PKG_MANIFEST", context / "manifests/pkg.json")
    monkeypatch.setattr(tools, "EXPORT", tmp_path / "export")
    folders = {"APPLICATION": "app", "MODEL_PATH": "models", "DOCS": "docs", "CONFIG_PATH": "app.yaml"}
    for name, folder in folders.items():
        monkeypatch.setenv(f"HOLOSCAN_{name}", str(context / folder))
    return tools.main


def test_show_prints_one_manifest_as_json(entry_point, capsys, pkg_manifest):
    assert entry_point(["show", "pkg"]) == 0
    assert json.loads(capsys.readouterr().out) == pkg_manifest


def test_show_of_an_unknown_manifest_is_a_usage_error(entry_point):
    assert entry_point(["show", "models"]) == 2


def test_extract_copies_everything(entry_point, tmp_path):
    assert entry_point(["extract"]) == 0
    assert sorted(path.name for path in (tmp_path / "export").iterdir()) == ["app", "config", "docs", "models"]
    assert (tmp_path / "export/models/bundle/configs/inference.yaml").is_file()


def test_extract_copies_only_what_is_mounted(entry_point, tmp_path):
    (tmp_path / "export/config").mkdir()
    assert entry_point(["extract"]) == 0
    assert [path.name for path in (tmp_path / "export").iterdir()] == ["config"]
    assert sorted(path.name for path in (tmp_path / "export/config").iterdir()) == ["app.json", "app.yaml", "pkg.json"]


def test_options_are_handed_to_the_app_as_they_are(entry_point, monkeypatch):
    called = []
    monkeypatch.setattr(os, "execvp", lambda program, command: called.append((program, command)))
    entry_point(["--series-uid", "1 2"])
    assert called == [("python3", ["python3", "/opt/holoscan/app", "--series-uid", "1 2"])]
