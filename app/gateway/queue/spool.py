"""The queue on disk. A job is a folder, its state is the folder that it lies in, and a step is one rename.

    <queue folder>/incoming/<job>/objects/<hash>.dcm    objects that were answered with success
                   queued, processing, sending, done, refused, dead-letter
                   scratch/                             half-received objects and files that are about to be deleted
                   remembered/                          what outlives a deleted job

Names are hashes, never a UID or an AE title: a job is `<hash of the series>-<time in ns, hexadecimal>`.
"""

import contextlib
import fcntl
import filecmp
import hashlib
import logging
import os
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from app.gateway.queue.durable import PARTIAL_SUFFIX, make_folder, move
from operators.durable import sync_folder, sync_tree
from operators.errors import Reason, Refusal

logger = logging.getLogger(__name__)

_JOB_NAME = re.compile(r"[0-9a-f]{32}-[0-9a-f]{16}")


class StoreOutcome(Enum):
    """What became of a received object; the value is its label in the metrics."""

    NEW = "stored"
    REPEATED = "repeated"  # the job has the very same bytes
    CORRECTED = "corrected"  # the job had other bytes under the same SOP Instance UID: the later ones stay


class State(Enum):
    """State of a job; the value is the name of its folder."""

    INCOMING = "incoming"
    QUEUED = "queued"
    PROCESSING = "processing"
    SENDING = "sending"
    DONE = "done"
    REFUSED = "refused"
    DEAD_LETTER = "dead-letter"


@dataclass(frozen=True)
class Job:
    """One series to convert, with its state.

    Attributes:
        folder: where it lies now.
        state: the state that this is.
    """

    folder: Path
    state: State

    @property
    def name(self) -> str:
        """Name in logs; holds no patient data."""
        return self.folder.name

    @property
    def key(self) -> str:
        """Hash of the series (or study) that the job came from."""
        return self.name[:32]

    @property
    def created_s(self) -> float:
        """When its first object came, seconds since the epoch."""
        return int(self.name[33:], 16) / 1e9

    @property
    def objects(self) -> Path:
        """What was received."""
        return self.folder / "objects"

    @property
    def result(self) -> Path:
        """What the app wrote."""
        return self.folder / "result"

    def object_names(self) -> frozenset[str]:
        """Names of the received objects: one hash for each SOP Instance UID."""
        with contextlib.suppress(FileNotFoundError):
            return frozenset(name for name in os.listdir(self.objects) if not name.endswith(PARTIAL_SUFFIX))
        return frozenset()


def hashed(*parts: str) -> str:
    """32 hexadecimal characters that stand for a UID (or several) in names and ledgers."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


class Spool:
    """The queue folder, held by one process.

    Args:
        folder: created when missing, readable by its owner only.

    Attributes:
        scratch: for half-received objects; emptied at every start.
        deleted_results: folder of the records that are kept after a job is deleted.
        lock: held while a job changes its state; hold it to look at several jobs at once.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.scratch = folder / "scratch"
        self.deleted_results = folder / "remembered"
        self.lock = threading.RLock()
        self._lock_file: int | None = None

    def open(self) -> None:
        """Lock the folder for this process and move interrupted jobs back to a state from which work can continue.

        Raises:
            Refusal: SETTINGS, when another gateway holds the folder; CANNOT_WRITE, when it cannot be written.
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for folder in (self.scratch, *(self.folder / state.value for state in State)):
                make_folder(folder)
            self._lock_file = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Refusal(
                Reason.SETTINGS, "Another gateway uses queue.folder. Give each gateway a folder of its own."
            ) from error
        except OSError as error:
            raise Refusal(
                Reason.CANNOT_WRITE, "queue.folder cannot be written. Check its owner and permissions."
            ) from error
        for path in self.scratch.iterdir():
            _remove(path)
        for partial in self.folder.glob(f"*/*/**/.*{PARTIAL_SUFFIX}"):
            partial.unlink(missing_ok=True)
        for job in self.jobs(State.PROCESSING):
            self.move(job, State.QUEUED)

    def close(self) -> None:
        """Release the folder for another process."""
        if self._lock_file is not None:
            os.close(self._lock_file)
            self._lock_file = None

    def jobs(self, state: State) -> list[Job]:
        """Jobs of a state, oldest first; anything else in the folder is passed over."""
        folder = self.folder / state.value
        names = [entry.name for entry in os.scandir(folder) if _JOB_NAME.fullmatch(entry.name) and entry.is_dir()]
        return [Job(folder / name, state) for name in sorted(names, key=lambda name: (name[33:], name))]

    def jobs_of(self, key: str) -> list[Job]:
        """Jobs of one series in every state but INCOMING, oldest first."""
        found = [job for state in State if state is not State.INCOMING for job in self.jobs(state) if job.key == key]
        return sorted(found, key=lambda job: job.name)

    def new_job(self, key: str) -> Job:
        """Make room for the objects of a series."""
        job = Job(self.folder / State.INCOMING.value / self._new_name(key), State.INCOMING)
        make_folder(job.folder)
        make_folder(job.objects)
        return job

    def add_job(self, key: str, fill: Callable[[Job], None], state: State) -> Job:
        """Add a job that the gateway itself makes: completely or not at all.

        Args:
            key: hash of the series (or study) that it belongs to.
            fill: writes its files; called with the job in the scratch folder.
            state: where it goes.
        """
        draft = Job(Path(tempfile.mkdtemp(dir=self.scratch)) / self._new_name(key), state)
        make_folder(draft.folder)
        fill(draft)
        sync_tree(draft.folder)
        job = self.move(draft, state)
        draft.folder.parent.rmdir()
        return job

    def _new_name(self, key: str) -> str:
        """Later than every job of the series, also when the clock was set back: the latest counts."""
        earlier_ns = max((int(job.name[33:], 16) for job in self.jobs_of(key)), default=0)
        return f"{key}-{max(time.time_ns(), earlier_ns + 1):016x}"

    def move(self, job: Job, state: State) -> Job:
        """Take a job to another state; on the disk when this returns."""
        target = self.folder / state.value / job.name
        with self.lock:
            move(job.folder, target)
        return Job(target, state)

    def store_object(self, received: Path, job: Job, name: str) -> StoreOutcome:
        """Add a received file to a job; on the disk when this returns.

        Args:
            received: file in the scratch folder, fully written; gone afterwards.
            job: job in INCOMING.
            name: name in the job.

        Returns:
            Whether it is new; the last object of a SOP Instance UID stays.
        """
        with received.open("rb") as file:
            os.fsync(file.fileno())
        place = job.objects / name
        try:
            os.link(received, place)  # fails where a rename would replace
            outcome = StoreOutcome.NEW
        except FileExistsError:
            outcome = StoreOutcome.REPEATED if filecmp.cmp(received, place, shallow=False) else StoreOutcome.CORRECTED
        if outcome is StoreOutcome.CORRECTED:
            os.replace(received, place)
        else:
            received.unlink()
        sync_folder(job.objects)
        return outcome

    def scratch_file(self) -> Path:
        """A new empty file for an object that is being received."""
        descriptor, path = tempfile.mkstemp(dir=self.scratch)
        os.close(descriptor)
        return Path(path)

    def delete(self, job: Job) -> None:
        """Delete a job: it leaves its state at once, then its files are deleted."""
        grave = Path(tempfile.mkdtemp(dir=self.scratch))
        with self.lock, contextlib.suppress(FileNotFoundError):
            move(job.folder, grave / job.name)
        _remove(grave)

    def free_bytes(self) -> int:
        """Free space on the disk of the queue, in bytes."""
        return shutil.disk_usage(self.folder).free


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
