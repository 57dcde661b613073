"""How a `monai.bundle run` ends that fails: the cause last, in a few lines."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import console

_SET_UP = "from scripts.console import set_up_console; set_up_console(['--config_file=train.yaml'])\n"
_PARSER = """
try:
    {code}
except Exception as error:
    raise RuntimeError("Failed to evaluate ConfigExpression: '$...'") from error
"""


def last_words(bundle: Path, code: str, **environment: str) -> list[str]:
    """What a program prints that ends with an error."""
    done = subprocess.run(
        [sys.executable, "-c", _SET_UP + code], cwd=bundle, env=os.environ | environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    return done.stderr.strip().splitlines()


def refusing(tmp_path: Path) -> str:
    return _PARSER.format(
        code=f"from scripts.data.datalist import patients; patients({str(tmp_path / 'no.json')!r}, 'test')"
    )


@pytest.mark.slow
def test_what_the_bundle_refuses_is_one_line(bundle_folder, tmp_path):
    lines = last_words(bundle_folder, refusing(tmp_path))
    assert lines == [f"Error: No datalist at {tmp_path / 'no.json'}. Make it, or give another one."]


def test_another_error_ends_with_its_cause(bundle_folder):
    assert last_words(bundle_folder, _PARSER.format(code="int('one')"))[-1].endswith(
        "ValueError: invalid literal for int() with base 10: 'one'"
    )


def test_frames_of_libraries_are_left_out(bundle_folder):
    lines = last_words(bundle_folder, _PARSER.format(code="import json; json.loads('{')"))
    assert len([line for line in lines if "File" in line]) == 1  # where it was raised


def test_frames_of_own_code_stay(bundle_folder, tmp_path):
    (tmp_path / "own_network.py").write_text("def forward():\n    return 1 / 0\n")
    lines = last_words(
        bundle_folder, f"import sys; sys.path.append({str(tmp_path)!r}); import own_network as n; n.forward()"
    )
    assert "own_network.py" in "".join(lines)
    assert lines[-1] == "Error: ZeroDivisionError: division by zero"


def test_the_cause_in_a_loaders_process_is_told(bundle_folder):
    text = (
        "Caught RuntimeError in DataLoader worker process 0.\\nOriginal Traceback (most recent call last):\\n"
        "ValueError: ncct of p1 holds values that are not numbers.\\n\\n"
        "The above exception was the direct cause of the following exception:\\n\\nRuntimeError: applying transform x"
    )
    lines = last_words(bundle_folder, f'raise RuntimeError("{text}")')
    assert lines[-1] == "Error: ValueError: ncct of p1 holds values that are not numbers."


def test_the_whole_traceback_comes_on_request(bundle_folder, tmp_path):
    lines = last_words(bundle_folder, _PARSER.format(code="int('one')"), **{console.FULL_TRACEBACK: "1"})
    assert lines[0].startswith("Traceback")


def test_another_program_keeps_its_errors(monkeypatch):
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
    console.set_up_console(["pytest", "-q"])
    assert sys.excepthook is sys.__excepthook__


@pytest.mark.slow
def test_a_misspelt_setting_of_a_training_is_one_line_at_the_end(bundle_folder):
    command = ["-m", "monai.bundle", "run", "training", "--config_file", "configs/train.yaml", "--max_epoch", "2"]
    done = subprocess.run(
        [sys.executable, *command],
        cwd=bundle_folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "Error: No config has the setting --max_epoch. Did you mean --max_epochs?"
    assert "Traceback" not in done.stderr
