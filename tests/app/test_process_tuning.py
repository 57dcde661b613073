"""The process gives volumes back, loads what it needs, and its help comes at once."""

import os
import subprocess
import sys

import pytest

_FREED = """
import threading
from app.process_tuning import tune_process
tune_process()
import numpy as np

def resident_mib():
    return int(open("/proc/self/statm").read().split()[1]) * 4096 // 2**20

def gaps(result):
    before = resident_mib()
    volumes = [(np.ones(50 * 2**20, dtype=np.uint8), np.ones(2**20, dtype=np.uint8)) for _ in range(4)]
    small = [small for _, small in volumes]  # live longer, above each of the large ones
    del volumes
    result.append(resident_mib() - before)

found = []
thread = threading.Thread(target=gaps, args=(found,))  # as Holoscan runs the stages
thread.start()
thread.join()
print(found[-1])
"""


def run(code: str, **environment: str) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MALLOC_", "OMP_", "THP_"))}
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=kept | environment
    ).stdout


def test_freed_volumes_leave_no_gaps_in_memory():
    assert int(run(_FREED)) < 120  # 204 MiB where the heap keeps them


def test_what_the_environment_says_is_left_alone():
    code = (
        "import os; from app.process_tuning import tune_process; tune_process(); print(os.environ['OMP_WAIT_POLICY'])"
    )
    assert run(code, OMP_WAIT_POLICY="ACTIVE").strip() == "ACTIVE"


@pytest.mark.slow
def test_the_app_loads_no_training_library_and_hides_none_for_good():
    code = """
import sys
from app.cuda_runtime import preload_cuda_runtime
from app.monai_import import import_monai
preload_cuda_runtime()
import_monai()
from monai.bundle import ConfigParser
print("ignite" in sys.modules)
import ignite.engine, matplotlib
print("ignite" in sys.modules)
"""
    assert run(code).split() == ["False", "True"]


def test_what_was_imported_is_no_longer_looked_through_for_garbage():
    code = """
import gc
from app.process_tuning import importing
with importing():
    print(gc.isenabled())
    import decimal, email.message
print(gc.isenabled(), gc.get_freeze_count() > 1000)
"""
    assert run(code).split() == ["False", "True", "True"]


@pytest.mark.slow
@pytest.mark.parametrize("library", ["torch", "monai", "numpy", "pydantic", "pydicom"])
def test_the_help_loads_no_library(library):
    code = f"import sys, app.cli; app.cli._argument_parser(); print({library!r} in sys.modules)"
    assert run(code).strip() == "False"
