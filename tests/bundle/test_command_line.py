from pathlib import Path

import pytest

from scripts.command_line import refuse_unknown_settings


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
    with pytest.raises(ValueError, match=r"--datlist: did you mean --datalist"):
        refuse_unknown_settings([*command, *spelling])


def test_a_setting_of_another_overlay_is_refused(command):
    with pytest.raises(ValueError, match="--frobnicate"):
        refuse_unknown_settings([*command, "--frobnicate", "1"])


def test_settings_of_mlflow_pass_where_it_tracks(command):
    refuse_unknown_settings([*command, "--tracking", "configs/mlflow.yaml", "--run_name", "first"])


def test_a_program_that_is_not_started_by_a_config_is_left_alone():
    refuse_unknown_settings(["pytest", "--verbose"])
