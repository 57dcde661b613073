"""Decodes compressed pixels in a separate process: a library that crashes on damaged bytes ends only that process.

Decoders of JPEG, JPEG-LS and JPEG 2000 are written in C and C++ and may crash on files from outside. The process is
started once for a series, not for a slice (it costs half a second of a core), and returns the values by a pipe.

    jobs in:     one JSON list on a line, an object for each file
    values out:  one JSON object on a line for each slice (file, shape, dtype), then its bytes; or what went wrong
"""

import dataclasses
import json
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import numpy as np

import operators
from operators.dicom_loader.stored_frames import EncodedFile, decode
from operators.errors import is_unreadable

COMMAND = [sys.executable, "-W", "ignore", "-m", "operators.dicom_loader.decoder_process"]

_MAX_DECODERS = 8
_LONGEST_LINE = 4096
_PIXEL_BYTES = 8
"""The widest stored value; files that claim more for a slice are rejected."""


class Failure(StrEnum):
    """Errors that the process returns in place of values."""

    DAMAGED = "damaged"
    UNREADABLE = "unreadable"
    MEMORY = "memory"


class DecodingFailed(Exception):
    """A file gives no values.

    Args:
        failure: why.
        syntax: transfer syntax of the file, "" if the process died and the file is unknown.
    """

    def __init__(self, failure: Failure, syntax: str = "") -> None:
        super().__init__(failure.value)
        self.failure = failure
        self.syntax = syntax


class DecoderProcess:
    """Decodes files in another process; started when it is first needed, and again after it died.

    Use it as a context: the process ends with it.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def decode(self, files: list[EncodedFile], pixels: int, take: Callable[[int, int, np.ndarray], None]) -> None:
        """Decode all slices of some files.

        Args:
            files: which.
            pixels: of a slice.
            take: called with the number of the file, the number of the slice in it and its stored values
                (row, column); from several threads.

        Raises:
            DecodingFailed: one of the files gives no values, or made the process crash.
            MemoryError: the process was killed, as systems do that run out of memory.
        """
        with self._lock:
            try:
                self._decode(files, pixels, take)
            except BaseException:
                self._end()  # it may be in the middle of a slice
                raise

    def _decode(self, files: list[EncodedFile], pixels: int, take: Callable[[int, int, np.ndarray], None]) -> None:
        process = self._process = self._process or _start()
        assert process.stdin is not None and process.stdout is not None
        jobs = [dataclasses.asdict(file) | {"path": str(file.path)} for file in files]
        try:
            process.stdin.write(json.dumps(jobs).encode() + b"\n")
            process.stdin.flush()
        except BrokenPipeError as error:
            raise _death_of(process) from error
        answers = _Answers(process, files, pixels)

        def drain(_: int) -> None:
            try:
                while (answer := answers.next()) is not None:
                    take(*answer)
            except BaseException:
                answers.stop()
                raise

        threads = min(_MAX_DECODERS, os.cpu_count() or 1)
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(drain, range(threads)))  # list() raises the first failure of a thread

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


class _Answers:
    """What the process answers to a list of jobs; several threads may ask for the next."""

    def __init__(self, process: subprocess.Popen[bytes], files: list[EncodedFile], pixels: int) -> None:
        self._process, self._files, self._pixels = process, files, pixels
        self._missing = [1 if file.frames is None else len(file.frames) for file in files]
        self._taken = [0] * len(files)
        self._lock = threading.Lock()
        self._is_over = False

    def next(self) -> tuple[int, int, np.ndarray] | None:
        """The next slice: number of its file, its number in the file, stored values; None after the last one."""
        with self._lock:
            if self._is_over or not any(self._missing):
                return None
            try:
                return self._read()
            except BaseException:
                self._is_over = True  # before the lock is released: there is nothing more to wait for
                raise

    def stop(self) -> None:
        """Return no more answers: a job has failed."""
        self._is_over = True

    def _read(self) -> tuple[int, int, np.ndarray]:
        stream = self._process.stdout
        assert stream is not None
        line = stream.readline(_LONGEST_LINE)
        if not line.endswith(b"\n"):
            raise _death_of(self._process)
        answer = json.loads(line)
        index = int(answer["file"])
        if "failure" in answer:
            raise DecodingFailed(Failure(answer["failure"]), self._files[index].syntax)
        shape, kind = tuple(answer["shape"]), np.dtype(answer["dtype"])
        size = int(np.prod(shape)) * kind.itemsize
        if len(shape) != 2 or not 0 < size <= self._pixels * _PIXEL_BYTES or not self._missing[index]:
            raise DecodingFailed(Failure.DAMAGED, self._files[index].syntax)
        content = stream.read(size)
        if len(content) != size:
            raise _death_of(self._process)
        number = self._taken[index]
        self._taken[index] += 1
        self._missing[index] -= 1
        return index, number, np.frombuffer(content, kind).reshape(shape)


def _start() -> subprocess.Popen[bytes]:
    places = [str(Path(operators.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    return subprocess.Popen(
        COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # messages of a crashing library
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, places))},
    )


def _death_of(process: subprocess.Popen[bytes]) -> Exception:
    """The exception for a process that ended early."""
    code = process.wait()
    if code == -signal.SIGKILL:
        return MemoryError("the decoder was killed")
    if code < 0:
        return DecodingFailed(Failure.DAMAGED)
    return RuntimeError(f"the decoder ended with {code}")


# ---- the process itself ----


def main() -> None:
    """Answer lists of jobs until there are no more."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold the patient's image
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is for the parent, whose end closes the pipe
    answers, lock = os.fdopen(os.dup(1), "wb"), threading.Lock()
    os.dup2(2, 1)  # a library that prints must not do so between the answers
    with ThreadPoolExecutor(min(_MAX_DECODERS, os.cpu_count() or 1)) as pool:
        for line in sys.stdin.buffer:
            jobs = [EncodedFile(**job | {"path": Path(job["path"])}) for job in json.loads(line)]
            for _ in pool.map(lambda job: _answer(job, answers, lock), enumerate(jobs)):
                pass


def _answer(job: tuple[int, EncodedFile], answers: BinaryIO, lock: threading.Lock) -> None:
    """Write the slices of a file, or why there are none."""
    index, file = job
    try:
        for values in _whole(file):
            _write(answers, lock, {"file": index, "shape": values.shape, "dtype": values.dtype.str}, values)
    except BrokenPipeError:
        os._exit(1)  # the parent has ended
    except MemoryError:
        _write(answers, lock, {"file": index, "failure": Failure.MEMORY})
    except Exception as error:  # decoders raise any kind of error on damaged bytes
        failure = Failure.UNREADABLE if is_unreadable(error) else Failure.DAMAGED
        _write(answers, lock, {"file": index, "failure": failure})


def _whole(file: EncodedFile) -> Iterator[np.ndarray]:
    """The slices of a file; fewer than asked for count as damage."""
    missing = 1 if file.frames is None else len(file.frames)
    for values in decode(file):
        missing -= 1
        yield np.ascontiguousarray(values)
    if missing:
        raise ValueError("a multi-frame object holds fewer frames than its Number of Frames")


def _write(answers: BinaryIO, lock: threading.Lock, answer: dict, values: np.ndarray | None = None) -> None:
    with lock:
        answers.write(json.dumps(answer).encode() + b"\n")
        if values is not None:
            answers.write(values.data.cast("B"))
        answers.flush()


if __name__ == "__main__":
    main()
