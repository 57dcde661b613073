"""Checks what gateway.yaml names before the first series needs it: the folder of the queue, TLS files, every target."""

import os
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from app.gateway.send.targets import DeliveryFailed, Target
from app.gateway.settings import DicomTarget, GatewaySettings, ServerTLS, StowTarget
from app.gateway.tls import server_context
from operators.durable import sync_folder
from operators.errors import Refusal

_LOST_WITH_THE_MACHINE = ("tmpfs", "ramfs")
_LOST_WITH_THE_CONTAINER = ("overlay", "aufs")
_MEGABYTE = 1 << 20


class CheckFailed(Exception):
    """What is wrong, in words."""


def check_connections(settings: GatewaySettings, targets: list[Target]) -> Iterator[tuple[bool, str]]:
    """Check one after the other.

    Args:
        settings: gateway.yaml.
        targets: its targets, ready to send, in the same order.

    Yields:
        Whether it works, and a line about it.
    """
    yield _checked("queue.folder", lambda: _check_folder(settings))
    tls = settings.dicom.tls
    if tls is not None:
        yield _checked("dicom.tls", partial(_check_tls, tls))
    for target, wanted in zip(targets, settings.targets, strict=True):
        yield _checked(f"target {target.name}", partial(_check_target, target, wanted))


def _checked(what: str, check: Callable[[], str]) -> tuple[bool, str]:
    try:
        return True, f"{what}: {check()}"
    except (CheckFailed, DeliveryFailed) as error:
        return False, f"{what}: {error}"
    except Refusal as refusal:
        return False, refusal.message
    except OSError as error:
        return False, f"{what}: {os.strerror(error.errno) if error.errno else type(error).__name__}"


def _check_folder(settings: GatewaySettings) -> str:
    folder = settings.queue.folder
    existing = next(path for path in (folder, *folder.absolute().parents) if path.is_dir())
    file_system = _file_system(existing)
    if file_system in _LOST_WITH_THE_MACHINE:
        raise CheckFailed(f"is in memory ({file_system}): its content is lost at a restart. Give a folder on a disk")
    if file_system in _LOST_WITH_THE_CONTAINER:
        raise CheckFailed(
            f"is inside the container ({file_system}): its content is lost with the container. Mount a volume there"
        )
    start_s = time.monotonic()
    descriptor, name = tempfile.mkstemp(dir=existing, prefix=".check-")
    try:
        os.write(descriptor, b"\0" * 4096)
        os.fsync(descriptor)
        sync_folder(existing)
    finally:
        os.close(descriptor)
        os.unlink(name)
    sync_ms = 1000 * (time.monotonic() - start_s)
    free_mb = shutil.disk_usage(existing).free // _MEGABYTE
    if free_mb < settings.queue.min_free_mb:
        raise CheckFailed(
            f"only {free_mb} MB are free, queue.min_free_mb is {settings.queue.min_free_mb}. Free disk space"
        )
    return f"can be written ({file_system}, {free_mb} MB free, a write reaches the disk after {sync_ms:.0f} ms)"


def _check_tls(tls: ServerTLS) -> str:
    server_context(tls)
    return "certificate and key match"


def _file_system(folder: Path) -> str:
    """Type of the file system that a folder lies on (Linux)."""
    place, found = folder.resolve(), (Path("/"), "unknown")
    for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines():
        _, mounted, kind, *_ = line.split(" ")
        mount = Path(mounted.encode().decode("unicode_escape"))
        if place.is_relative_to(mount) and len(mount.parts) >= len(found[0].parts):
            found = (mount, kind)
    return found[1]


def _check_target(target: Target, settings: DicomTarget | StowTarget) -> str:
    host = settings.host if isinstance(settings, DicomTarget) else urlsplit(settings.url).hostname or ""
    try:
        socket.getaddrinfo(host, None)
    except OSError as error:
        raise CheckFailed("its host name cannot be resolved. Check the name and the DNS") from error
    start_s = time.monotonic()
    answer = target.check()
    return f"{answer} after {1000 * (time.monotonic() - start_s):.0f} ms"
