"""Jobs in several processes; one that dies does not end the others."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

import SimpleITK as sitk

Job = TypeVar("Job")
Result = TypeVar("Result")


def run_jobs(
    function: Callable[[Job], Result], jobs: Sequence[Job], workers: int, crashed: Callable[[Job], Result]
) -> Iterator[Result]:
    """Run a function on every job; results come as they are ready.

    A process that dies (out of memory, a fault in a decoder) breaks its pool. Unfinished jobs are then run alone, one
    pool for each job, which is slow but safe. A job that dies again is passed to `crashed`. An error that the function
    or `crashed` raises ends the run.

    Args:
        function: top-level function.
        jobs: its arguments.
        workers: processes; 0 runs everything in this one.
        crashed: makes the result of a job whose process died.
    """
    if workers == 0:
        yield from map(function, jobs)
        return
    unfinished = dict(enumerate(jobs))
    for group, size in ((list(unfinished), workers), (None, 1)):
        batches = [group] if group is not None else [[number] for number in list(unfinished)]
        for batch in batches:
            with _pool(min(size, max(1, len(batch)))) as pool:
                try:
                    running = {pool.submit(function, unfinished[number]): number for number in batch}
                    for done in as_completed(running):
                        result = done.result()
                        del unfinished[running[done]]
                        yield result
                except BrokenProcessPool:
                    pool.shutdown(cancel_futures=True)
                except BaseException:
                    pool.shutdown(cancel_futures=True)
                    raise
        if not unfinished:
            return
    for job in unfinished.values():
        yield crashed(job)


def _pool(workers: int) -> ProcessPoolExecutor:
    # spawn, since forking a process that holds SimpleITK's or torch's threads can hang
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_single_thread)


def _single_thread() -> None:
    """One thread for each worker: the workers share the cores already, and SimpleITK repeats exactly."""
    sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(1)
