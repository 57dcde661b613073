"""The lock files hold what requirements.txt asks for, with hashes and nothing of a machine or registry."""

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy.map.wheels import LOCK, split

LOCKS = sorted(LOCK.glob("c*.txt"))


def requirements(repository: Path):
    lines = (repository / "requirements.txt").read_text().splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def pins(text):
    return {
        canonicalize_name(name): version for name, version in re.findall(r"^([\w.-]+)==([^\s;]+)", text, re.MULTILINE)
    }


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_a_lock_fits_the_requirements(path, repository):
    """Fails when requirements.txt was changed and `make lock` was not run."""
    locked = pins(path.read_text())
    unfit = [str(wanted) for wanted in requirements(repository) if not fits(wanted, locked)]
    assert unfit == []


def fits(wanted, locked):
    version = locked.get(canonicalize_name(wanted.name), "")
    return version != "" and wanted.specifier.contains(version)


@pytest.mark.parametrize("path", sorted(LOCK.glob("*.txt")), ids=lambda path: path.name)
def test_every_entry_has_a_hash_and_no_address_is_named(path):
    text = path.read_text()
    entries = re.split(r"\n(?=[a-z])", text)[1:]
    assert entries
    assert all("--hash=sha256:" in entry for entry in entries)
    assert not re.search(r"://|--index|--find-links|/opt/|/home/", text)


def test_pytorch_and_cuda_are_parted_from_the_rest():
    torch, app = split(
        "# made\ntorch==2 \\\n    --hash=a\nnvidia-cublas==1 \\\n    --hash=b\nnumpy==3 \\\n    --hash=c\n"
    )
    assert torch == "torch==2 \\\n    --hash=a\nnvidia-cublas==1 \\\n    --hash=b\n"
    assert app == "numpy==3 \\\n    --hash=c\n"


def test_the_cpu_variant_has_no_cuda_library_but_the_runtime_that_holoscan_links():
    for path in LOCK.glob("cpu-*.txt"):
        names = [name for name in pins(path.read_text()) if name.startswith(("nvidia-", "triton"))]
        assert set(names) <= {"nvidia-cuda-runtime", "tritonclient"}
