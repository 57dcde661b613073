"""Build the MONAI Application Package: `make map`, or `python -m deploy.map.build -h`.

Stages a build context under build/map, writes the manifests, downloads the locked wheels, and builds deploy/map's
Dockerfile with docker, podman or buildah, whichever is installed. `--no-build` stops before the build.

The wheels come from the sources of pip (PIP_INDEX_URL, PIP_FIND_LINKS, ...), PyTorch's CPU build also from
download.pytorch.org, since PyPI does not have it. Without a network set PIP_NO_INDEX=1 PIP_FIND_LINKS=FOLDER.
"""

import argparse
import logging
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

from app.version import VERSION
from deploy.map.stage import ROOT, stage
from deploy.map.wheels import fetch

logger = logging.getLogger(__name__)

BASE_IMAGES = {
    "cpu": ("docker.io/library/debian:bookworm-slim", "3.11"),
    "cuda": ("nvcr.io/nvidia/cuda:13.0.0-runtime-ubuntu24.04", "3.12"),
}
"""Default base image of a variant, and the Python that it has."""


def main(argv: list[str] | None = None) -> int:
    """Build the image; returns the exit code."""
    chosen = _parser().parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    builder = None if chosen.no_build else chosen.builder or working_builder()
    if builder is None and not chosen.no_build:
        logger.error(
            "No image builder works here. Start docker, or install podman or buildah. If the base image cannot be "
            "downloaded, give a local one: make map BASE_IMAGE=NAME. On Debian, as root, make test-map installs a "
            "builder and makes a base image."
        )
        return 1
    tags = [chosen.tag] if chosen.tag else [f"syn-cta:{VERSION}-{chosen.variant}", "syn-cta:latest"]
    try:
        context, arguments = _prepare(chosen, tags[0])
        if builder:
            _build(builder, tags, context, arguments, shlex.split(chosen.options))
        if builder and chosen.archive:
            _write_archive(builder, tags[0], chosen.archive)
    except subprocess.CalledProcessError as error:
        logger.error("%s ended with exit code %d; its message is above.", error.cmd[0], error.returncode)
        if error.cmd[0] == builder:
            logger.error(
                "If the base image cannot be downloaded, give a local one: make map BASE_IMAGE=NAME. On Debian, as "
                "root, make test-map makes one."
            )
        return 1
    except FileNotFoundError as error:
        logger.error("%s", error)
        return 1
    logger.info("%s", tags[0] if builder else context)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.map.build",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--variant", choices=BASE_IMAGES, default="cpu", help="build of PyTorch (default: cpu)")
    parser.add_argument("--base-image", help="base image (default: Debian 12 for cpu, CUDA 13 for cuda)")
    parser.add_argument("--python", help="Python version of the base image (default: that of the default base image)")
    parser.add_argument("--tag", help="name and tag of the image (default: syn-cta:VERSION-VARIANT and syn-cta:latest)")
    parser.add_argument(
        "--bundle", type=Path, default=ROOT / "bundle", help="MONAI bundle in the image (default: bundle)"
    )
    parser.add_argument("--archive", type=Path, metavar="FILE", help="also write the image to this OCI archive")
    parser.add_argument(
        "--builder", choices=("docker", "podman", "buildah"), help="image builder (default: the first that works)"
    )
    parser.add_argument("--options", default="", help="further options of the builder's build command")
    parser.add_argument(
        "--context", type=Path, default=ROOT / "build" / "map", help="folder of the build context (default: build/map)"
    )
    parser.add_argument("--no-build", action="store_true", help="only fill the build context, for another builder")
    return parser


def _prepare(chosen: argparse.Namespace, tag: str) -> tuple[Path, dict[str, str]]:
    """Fill the build context; returns it with the build's arguments."""
    base_image, python = BASE_IMAGES[chosen.variant]
    python = chosen.python or python
    context = chosen.context / f"{chosen.variant}-py{python}"
    start = time.perf_counter()
    fetch(context, variant=chosen.variant, python=python)
    logger.info("wheels   %6.1f s", time.perf_counter() - start)
    app = stage(context, bundle=chosen.bundle, tag=tag)
    return context, {
        "BASE_IMAGE": chosen.base_image or base_image,
        "VERSION": VERSION,
        "REVISION": _revision(),
        "VARIANT": chosen.variant,
        "SDK_VERSION": app["sdkVersion"],
    }


def _build(builder: str, tags: list[str], context: Path, arguments: dict[str, str], options: list[str]) -> None:
    command = [builder, "build", *(f"--tag={tag}" for tag in tags)]
    if builder != "docker":
        command += ["--layers", "--format", "oci"]
    command += [f"--build-arg={name}={value}" for name, value in arguments.items()]
    start = time.perf_counter()
    subprocess.run([*command, *options, str(context)], check=True)
    logger.info("build    %6.1f s", time.perf_counter() - start)


def working_builder() -> str | None:
    """The first of docker, podman and buildah that answers; docker's client alone does not."""
    for builder in ("docker", "podman", "buildah"):
        if shutil.which(builder) and not subprocess.run([builder, "info"], capture_output=True, check=False).returncode:
            return builder
    return None


def _write_archive(builder: str, tag: str, archive: Path) -> None:
    archive.unlink(missing_ok=True)
    commands = {
        "docker": ["docker", "save", "--output", str(archive), tag],  # since Docker 25 an OCI layout
        "podman": ["podman", "save", "--format", "oci-archive", "--output", str(archive), tag],
        "buildah": ["buildah", "push", tag, f"oci-archive:{archive}:{tag}"],
    }
    subprocess.run(commands[builder], check=True)
    logger.info("archive  %6.2f GB  %s", archive.stat().st_size / 1e9, archive)


def _revision() -> str:
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
