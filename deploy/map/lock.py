"""Pin everything in the image by version and hash: `make lock`, after a change of requirements.txt.

One file for each variant and Python, lock/cpu-py3.11.txt and so on, resolved for Linux on x86-64 with glibc 2.36 or
later, and lock/sbom.txt for the tool that writes the bill of materials. The files hold no address of a registry.

PyTorch's CPU build is not on PyPI: PIP_FIND_LINKS must name a folder or page that has it. A CPU build that is not
found there leaves its lock file unchanged. uv resolves (`pip install uv`), since pip cannot do it for another Python.
"""

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCK = Path(__file__).resolve().parent / "lock"
PYTHONS = ("3.11", "3.12")
PLATFORM = "x86_64-manylinux_2_36"
SBOM_TOOL = "cyclonedx-bom==7.5.0\n"

_HEADER = "# Made by `make lock`; not to be edited by hand.\n"


def main() -> int:
    """Write the lock files; returns 1 when one could not be resolved."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, prog="python -m deploy.map.lock"
    )
    parser.parse_args()
    requirements = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    cpu = re.sub(r"^(torch==[\w.]+)$", r"\1+cpu", requirements, flags=re.MULTILINE)
    links = [f"--find-links={place}" for place in os.environ.get("PIP_FIND_LINKS", "").split()]
    resolved = [_resolve(SBOM_TOOL, PYTHONS[0], LOCK / "sbom.txt")]
    for python in PYTHONS:
        resolved.append(_resolve(cpu, python, LOCK / f"cpu-py{python}.txt", *links))
        resolved.append(_resolve(requirements, python, LOCK / f"cuda-py{python}.txt"))
    return 0 if all(resolved) else 1


def _resolve(requirements: str, python: str, lock: Path, *links: str) -> bool:
    target = ["--python-version", python, "--python-platform", PLATFORM]
    style = ["--generate-hashes", "--no-header", "--no-annotate", "--quiet"]
    done = subprocess.run(
        [sys.executable, "-m", "uv", "pip", "compile", "-", *target, *style, *links],
        input=requirements,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        print(f"{lock.name} stays as it is", file=sys.stderr)
        return False
    lock.parent.mkdir(exist_ok=True)
    lock.write_text(_HEADER + done.stdout, encoding="utf-8")
    return True


if __name__ == "__main__":
    sys.exit(main())
