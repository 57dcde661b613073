"""What PyTorch frees is kept for its next layer, and can be given back."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

_FAULTS = """
import resource, sys
import numpy as np
{before}
found = []
for _ in range(4):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    np.ones(200 * 2**20, dtype=np.uint8)  # freed at once
    {between}
    found.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
print(found[-1])
"""
_KEEP = "from scripts.runtime.memory import return_freed_memory, keep_large_buffers; keep_large_buffers()"


def faults(between: str = "") -> int:
    """Page faults of a buffer of 200 MiB that is taken for the fourth time; large pages are fewer."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    code = _FAULTS.format(before=_KEEP, between=between)
    environment = kept | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return int(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=environment).stdout)


def test_a_large_buffer_is_taken_from_the_system_once():
    assert faults() < 100


def test_what_is_given_back_is_taken_from_the_system_again():
    assert faults(between="return_freed_memory()") > 100
