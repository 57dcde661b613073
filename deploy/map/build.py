"""Build the MONAI Application Package: `make map`, or `python -m deploy.map.build -h`.

Stages a build context under build/map, renders the manifests, fetches the locked wheels, and builds deploy/map's
Dockerfile with docker, podman or buildah, whichever is there.
"""

import argparse
import logging
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

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
    parser = argparse.ArgumentParser(
        prog="python -m deploy.map.build",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--variant", choices=BASE_IMAGES, default="cpu", help="build of PyTorch (default: cpu)")
    parser.add_argument("--base-image", help="image to build on (default: Debian 12 for cpu, CUDA 13 for cuda)")
    parser.add_argument("--python", help="version of the base image's Python (default: that of the default base)")
    parser.add_argument("--tag", help="name and tag of the image (default: syn-cta:VERSION-VARIANT and syn-cta:latest)")
    parser.add_argument("--bundle", type=Path, default=ROOT / "bundle", help="MONAI bundle to ship (default: bundle)")
    parser.add_argument("--archive", type=Path, metavar="FILE", help="also write the image to an OCI archive")
    parser.add_argument("--builder", choices=("docker", "podman", "buildah"), help="default: the first that works")
    parser.add_argument("--options", default="", help="passed on to the builder's build command")
    parser.add_argument("--context", type=Path, default=ROOT / "build" / "map", help="default: build/map")
    chosen = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    base_image, python = BASE_IMAGES[chosen.variant]
    base_image, python = chosen.base_image or base_image, chosen.python or python
    builder = chosen.builder or working_builder()
    if builder is None:
        logger.error("No builder works here: start docker, or install podman or buildah.")
        return 1

    start = time.perf_counter()
    context = chosen.context / f"{chosen.variant}-py{python}"
    fetch(context, variant=chosen.variant, python=python)
    logger.info("wheels   %6.1f s", time.perf_counter() - start)
    version = _version()
    tags = [chosen.tag] if chosen.tag else [f"syn-cta:{version}-{chosen.variant}", "syn-cta:latest"]
    tag = tags[0]
    app = stage(context, bundle=chosen.bundle, tag=tag)
    arguments = {
        "BASE_IMAGE": base_image,
        "VERSION": version,
        "REVISION": _revision(),
        "VARIANT": chosen.variant,
        "SDK_VERSION": app["sdkVersion"],
    }
    command = _build_command(builder, tags, arguments)
    start = time.perf_counter()
    subprocess.run([*command, *shlex.split(chosen.options), str(context)], check=True)
    logger.info("build    %6.1f s", time.perf_counter() - start)
    if chosen.archive:
        _write_archive(builder, tag, chosen.archive)
    logger.info("%s", tag)
    return 0


def working_builder() -> str | None:
    """The first of docker, podman and buildah that answers; docker's client alone does not."""
    for builder in ("docker", "podman", "buildah"):
        if shutil.which(builder) and not subprocess.run([builder, "info"], capture_output=True, check=False).returncode:
            return builder
    return None


def _build_command(builder: str, tags: list[str], arguments: dict[str, str]) -> list[str]:
    command = [builder, "build", *(f"--tag={tag}" for tag in tags)]
    if builder != "docker":
        command += ["--layers", "--format", "oci"]
    return command + [f"--build-arg={name}={value}" for name, value in arguments.items()]


def _write_archive(builder: str, tag: str, archive: Path) -> None:
    archive.unlink(missing_ok=True)
    commands = {
        "docker": ["docker", "save", "--output", str(archive), tag],  # since Docker 25 an OCI layout
        "podman": ["podman", "save", "--format", "oci-archive", "--output", str(archive), tag],
        "buildah": ["buildah", "push", tag, f"oci-archive:{archive}:{tag}"],
    }
    subprocess.run(commands[builder], check=True)
    logger.info("archive  %6.2f GB  %s", archive.stat().st_size / 1e9, archive)


def _version() -> str:
    from app.version import VERSION

    return VERSION


def _revision() -> str:
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
