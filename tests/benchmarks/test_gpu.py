"""The GPU benchmark runs from end to end on a CPU, so that it works at the first try where a GPU is lent."""

import json
import os
import subprocess
import sys

import pytest


@pytest.mark.slow
@pytest.mark.skipif("SYN_CTA_GPU_SCRIPT" not in os.environ, reason="takes minutes: set SYN_CTA_GPU_SCRIPT=1 to run it")
def test_the_gpu_script_measures_everything_at_tiny_sizes(repository, tmp_path):
    run = subprocess.run(
        [repository / "benchmarks" / "gpu.sh", tmp_path / "out", "--tiny"],
        env=os.environ | {"PYTHON": sys.executable, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-4000:]
    report = json.loads((tmp_path / "out" / "gpu.json").read_text())
    assert {row["generator"] for row in report["network"]["rows"]} == {"shipped", "paper"}
    assert all(row["total_s"] > 0 for row in report["synthesis"])
    assert all(row["steps_per_s"] > 0 for row in report["training"])
    assert "| shipped |" in (tmp_path / "out" / "gpu.md").read_text()
