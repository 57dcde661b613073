import inspect
import subprocess
import venv
from pathlib import Path

import pytest
import yaml
from monai.bundle import ConfigWorkflow, run

from scripts.command_line import MONAI_PARAMETERS, check_at_python_start, refuse_unknown_settings


@pytest.fixture
def command(bundle_folder: Path) -> list[str]:
    configs = [str(bundle_folder / "configs" / name) for name in ("train.yaml", "finetune.yaml", "cyclegan.yaml")]
    return ["-m", "training", "--config_file", str(configs), "--max_epochs", "3", "--stage1=runs/own"]


def test_settings_of_all_configs_pass(command):
    refuse_unknown_settings([*command, "--cycle_weight", "5", "--logging_file", "none", "--run_id", "training"])


@pytest.mark.parametrize("name", ["network_def#context_slices", "network_def::context_slices", "max-epochs"])
def test_every_spelling_of_a_setting_passes(command, name):
    refuse_unknown_settings([*command, f"--{name}", "1"])


@pytest.mark.parametrize("spelling", [["--datlist", "own.json"], ["--datlist=own.json"]])
def test_a_misspelt_setting_is_refused_with_the_right_one(command, spelling):
    with pytest.raises(ValueError, match=r"--datlist\. Did you mean --datalist"):
        refuse_unknown_settings([*command, *spelling])


def test_a_setting_of_another_overlay_is_refused(command):
    with pytest.raises(ValueError, match="--frobnicate"):
        refuse_unknown_settings([*command, "--frobnicate", "1"])


def test_settings_of_mlflow_pass_where_it_tracks(command):
    refuse_unknown_settings([*command, "--tracking", "configs/mlflow.yaml", "--run_name", "first"])


def test_a_program_that_is_not_started_by_a_config_is_left_alone():
    refuse_unknown_settings(["pytest", "--verbose"])


def test_settings_of_monai_itself_are_known():
    of_monai = {*inspect.signature(run).parameters, *inspect.signature(ConfigWorkflow.__init__).parameters}
    assert set(MONAI_PARAMETERS) == of_monai


@pytest.fixture(scope="module")
def without_monai(bundle_folder, tmp_path_factory):
    """Last line on stderr of a command of an environment that asks early and has PyYAML, but not MONAI."""
    folder = tmp_path_factory.mktemp("early")
    venv.create(folder, with_pip=False)
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "yaml").symlink_to(Path(yaml.__file__).parent)
    check_at_python_start(site)

    def run(*arguments: str) -> str:
        command = [folder / "bin" / "python", *arguments]
        done = subprocess.run(command, cwd=bundle_folder, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        return done.stderr.splitlines()[-1]

    return run


TRAINING = ("-m", "monai.bundle", "run", "training", "--config_file", "configs/train.yaml")


@pytest.mark.parametrize("before", [(), ("-X", "utf8")])
def test_a_misspelt_setting_is_refused_before_monai_is_imported(without_monai, before):
    said = without_monai(*before, *TRAINING, "--max_epoch", "2")
    assert said == "Error: No config has the setting --max_epoch. Did you mean --max_epochs?"


def test_while_monai_is_imported_python_seldom_looks_for_garbage(without_monai, tmp_path, monkeypatch):
    (tmp_path / "monai" / "bundle").mkdir(parents=True)
    (tmp_path / "monai" / "bundle" / "__main__.py").write_text("import gc, sys\nsys.exit(str(gc.get_threshold()[0]))\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert int(without_monai(*TRAINING, "--max_epochs", "2")) > 10_000


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        (*TRAINING, "--max_epochs", "2"),
        ("-m", "monai.bundle", "run", "--config_file", "configs/missing.yaml", "--max_epoch", "2"),
        ("-m", "monai.bundle", "verify_net_in_out", "--config_file", "configs/train.yaml", "--net_id", "g"),
        ("-m", "monai.bundle", "run"),
    ],
)
def test_all_else_goes_on_to_monai(without_monai, command):
    assert "monai.bundle" in without_monai(*command)
    assert "No module named 'monai'" in without_monai(*command)
