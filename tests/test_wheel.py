"""The wheel works outside the checkout: bundle with weights, settings, phantoms and scripts are in it."""

import json
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.long]


@pytest.fixture(scope="module")
def environment(repository, tmp_path_factory) -> Path:
    """Folder of the scripts of a new environment that has the wheel, and of this one only what the wheel asks for."""
    folder = tmp_path_factory.mktemp("wheel")
    venv.create(folder / "env", with_pip=False)
    (site,) = (folder / "env" / "lib").glob("python*/site-packages")
    # Read as a plain folder, so that this environment's own link to the checkout does not come along.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    built = folder / "built"
    subprocess.run([*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", built, repository], check=True)
    (wheel,) = built.glob("*.whl")
    target = [*pip, "--python", folder / "env" / "bin" / "python", "install", "--no-deps", "--no-index"]
    subprocess.run([*target, "--ignore-installed", wheel], check=True)
    return folder / "env" / "bin"


@pytest.fixture(scope="module")
def phantom(environment, tmp_path_factory) -> Path:
    """A phantom's DICOM folder, made by the bundle inside the wheel."""
    (shipped,) = environment.parent.glob("lib/python*/site-packages/app/shipped/bundle")
    folder = tmp_path_factory.mktemp("wheel_phantom") / "ncct"
    size = ["--slices", "24", "--matrix", "256", "--spacing-mm", "1.4", "1.4", "2.5"]
    run(
        [environment / "python", "-m", "cohorts.phantom", "dicom", "--out", folder, "--region", "chest", *size], shipped
    )
    return folder


def run(command, folder):
    done = subprocess.run([str(part) for part in command], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_installed_app_converts_the_phantom_with_its_own_bundle(environment, phantom, tmp_path):
    run([environment / "syn-cta", "-i", phantom, "-o", tmp_path / "out", "--device", "cpu"], tmp_path)
    record = json.loads((tmp_path / "out" / "result.json").read_text())
    assert record["written"]["syn_cta"] == 24
    assert record["hu"]["raised_over_100_hu_ml"] > 20  # the aorta at least: the weights came along
    assert (tmp_path / "out" / "result.html").is_file()


@pytest.mark.parametrize("script", ["syn-cta", "syn-cta-gateway", "syn-cta-view", "monai-deploy"])
def test_every_script_says_how_it_is_used(environment, tmp_path, script):
    assert "usage" in run([environment / script, "-h"], tmp_path)


def test_the_reading_demo_makes_its_phantoms_by_the_wheels_bundle(environment, tmp_path):
    few = (
        "from pathlib import Path\n"
        "from app.reading.demo import phantoms\n"
        "phantoms.PATIENTS = phantoms.TRAINING = 1\n"
        "print(phantoms.write_phantom_pairs(Path.cwd(), lambda line: None).read_text())\n"
    )
    lines = run([environment / "python", "-c", few], tmp_path).strip().splitlines()
    assert [line.rsplit(",", 1)[1] for line in lines] == ["training", "no", "yes"]


def test_the_app_is_that_of_the_wheel(environment, tmp_path):
    place = run([environment / "python", "-c", "import app; print(app.__file__)"], tmp_path)
    assert Path(place.strip()).is_relative_to(environment.parent)
