"""The process that Holoscan runs in: stack, CUDA runtime."""

import ctypes
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app import cuda_runtime
from app.stack_limit import STACK_BYTES
from operators.errors import ExitCode, Refusal
from tests.dicom_series import write_series
from tests.stand_in_bundle import write_stand_in_bundle

pytestmark = [pytest.mark.slow, pytest.mark.long]

ROOT = Path(__file__).resolve().parents[2]
TOOLKITS = sorted(Path("/usr/local").glob("cuda-13*"))


def in_new_python(code: str) -> str:
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return run.stdout.strip()


def test_new_threads_get_the_stack_that_holoscan_asks_for():
    hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
    if hard != resource.RLIM_INFINITY and hard < STACK_BYTES:
        pytest.skip("the hard limit of the stack is below 32 MiB here")
    code = f"""
import resource
resource.setrlimit(resource.RLIMIT_STACK, (8 * 1024 * 1024, {hard}))
from app.stack_limit import raise_stack_limit
print(raise_stack_limit(), resource.getrlimit(resource.RLIMIT_STACK)[0])
"""
    assert in_new_python(code) == f"True {STACK_BYTES}"


def test_holoscan_does_not_warn_after_the_preparations():
    code = """
import warnings
warnings.simplefilter("error")
from app.stack_limit import raise_stack_limit
from app.cuda_runtime import preload_cuda_runtime
raise_stack_limit(); preload_cuda_runtime()
import holoscan.core
print("silent")
"""
    assert in_new_python(code) == "silent"


def test_a_missing_cuda_runtime_is_explained(monkeypatch):
    def nowhere(*_, **__):
        raise OSError("cannot open shared object file")

    monkeypatch.setattr(ctypes, "CDLL", nowhere)
    with pytest.raises(Refusal) as refusal:
        cuda_runtime.preload_cuda_runtime()
    assert refusal.value.exit_code is ExitCode.CONFIGURATION
    assert "pip install" in refusal.value.message


def test_the_link_lets_holoscan_find_the_library(tmp_path, monkeypatch):
    library = tmp_path / "nvidia" / "cu13" / "lib" / cuda_runtime.LIBRARY
    library.parent.mkdir(parents=True)
    library.write_text("library")
    (tmp_path / "holoscan" / "lib").mkdir(parents=True)
    monkeypatch.setattr(cuda_runtime, "_package_folders", lambda name: [tmp_path / name])
    for _ in range(2):  # a second installation renews the link
        cuda_runtime.link_cuda_runtime()
    link = tmp_path / "holoscan" / "lib" / cuda_runtime.LIBRARY
    assert link.read_text() == "library"
    assert not link.readlink().is_absolute()


def without_cuda_toolkit(empty: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run Python with the toolkit's folders hidden in a mount namespace of its own."""
    if not TOOLKITS:
        pytest.skip("no CUDA toolkit to hide: every other test runs without one")
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not installed")
    empty.mkdir()
    hide = "".join(f"mount --bind '{empty}' '{toolkit}' || exit 97; " for toolkit in TOOLKITS)
    run = subprocess.run(
        ["unshare", "-m", "sh", "-c", f'{hide} exec "$@"', "sh", sys.executable, "-W", "ignore", *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    if run.returncode == 97 or "unshare" in run.stderr:
        pytest.skip("this user may not make mount namespaces")
    return run


def test_holoscan_takes_the_installed_library_without_cuda_toolkit(tmp_path):
    code = (
        "from app.cuda_runtime import preload_cuda_runtime; preload_cuda_runtime(); "
        "import holoscan.core; print([line for line in open('/proc/self/maps') if 'libcudart' in line][0])"
    )
    run = without_cuda_toolkit(tmp_path / "empty", "-c", code)
    assert run.returncode == 0, run.stderr
    assert "site-packages" in run.stdout


def test_the_app_converts_a_series_without_cuda_toolkit(tmp_path):
    source, output = write_series(tmp_path / "in"), tmp_path / "out"
    bundle = write_stand_in_bundle(tmp_path / "bundle")
    command = ["-m", "app", "-i", source, "-o", output, "-m", bundle, "--device", "cpu"]
    run = without_cuda_toolkit(tmp_path / "empty", *map(str, command))
    assert run.returncode == 0, run.stderr
    assert len(list((output / "syn-cta").glob("*.dcm"))) == 10
