"""Two checkouts of the app are compared on one study."""

import json
import subprocess
import sys

import pytest

from tests.dicom_series import write_series
from tests.stand_in_bundle import write_stand_in_bundle


@pytest.mark.slow
def test_two_checkouts_are_compared_run_by_run(repository, tmp_path):
    bundle = write_stand_in_bundle(tmp_path / "bundle")
    write_series(tmp_path / "in")
    options = ["--study", tmp_path / "in", "--pairs", "1", "--threads", "1", "--json", tmp_path / "pairs.json"]
    command = [sys.executable, repository / "benchmarks" / "compare.py", repository, repository, *options]
    done = subprocess.run(
        [*map(str, command), "--options", f"-m {bundle} --device cpu"],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "core-seconds" in done.stdout
    ((before, after),) = json.loads((tmp_path / "pairs.json").read_text())["pairs"]
    assert 0.3 < after["core-seconds"] / before["core-seconds"] < 3
