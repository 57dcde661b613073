"""Ray runs the workers: one process and one opened bundle each, replaced when lost.

A study is assigned when a worker is free, so no more studies are in work than there are workers. A study whose worker
died is assigned again: the system has released that worker's lock on the output folder, and the next run removes
unfinished files.
"""

import logging
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from app.cohort.gpus import available_gpus
from app.cohort.manifest import Study
from app.cohort.worker import Outcome, Worker
from operators.errors import ExitCode, Reason, Refusal

logger = logging.getLogger(__name__)

ATTEMPTS = 3
"""How often a study is assigned before it counts as lost: the study itself may kill its workers."""

_LOST = f"Its worker died {ATTEMPTS} times. Find out what ended it (too little memory?) and run again."


def run_pool(
    studies: Sequence[Study],
    worker_arguments: tuple,
    *,
    workers: int,
    cpus: float,
    gpus: float,
    address: str | None = None,
    on_ready: Callable[[list[int]], None] = lambda _: None,
) -> Iterator[tuple[Study, Outcome]]:
    """Convert studies on a pool of workers.

    Args:
        studies: in the order in which they are assigned.
        worker_arguments: of `Worker`.
        workers: number of processes.
        cpus: cores of each, which is also the number of its threads.
        gpus: GPUs of each, fractions share one.
        address: of a Ray cluster; None to start Ray on this machine.
        on_ready: takes the processes of the first workers, when all are ready.

    Yields:
        Each study once, with what became of it, in the order of finishing.

    Raises:
        Refusal: SETTINGS, when Ray is missing; what `Worker` raises, when a worker cannot start.
    """
    ray = _ray()
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # no usage reports leave a hospital's machine
    local = {} if address else {"num_cpus": workers * cpus, "num_gpus": available_gpus() if gpus else 0}
    ray.init(address=address, include_dashboard=False, log_to_driver=True, logging_level=logging.ERROR, **local)
    try:
        remote = ray.remote(num_cpus=cpus, num_gpus=gpus)(Worker)
        yield from _run(ray, lambda: remote.remote(*worker_arguments), deque(studies), workers, on_ready)
    finally:
        ray.shutdown()


def _run(
    ray: Any, make_worker: Callable[[], Any], waiting: deque[Study], workers: int, on_ready: Callable[[list], None]
) -> Iterator[tuple[Study, Outcome]]:
    free = deque(make_worker() for _ in range(min(workers, len(waiting))))
    try:
        on_ready(ray.get([worker.process_id.remote() for worker in free]))
    except ray.exceptions.RayTaskError as error:  # the worker's own error, wrapped
        raise error.cause from error
    except ray.exceptions.RayActorError as error:
        raise Refusal(Reason.INTERNAL, "A worker died while it started. Run again with --log-level DEBUG.") from error
    running: dict[Any, tuple[Study, Any]] = {}
    attempts: dict[str, int] = {}
    while waiting or running:
        while waiting and free:
            study, worker = waiting.popleft(), free.popleft()
            attempts[study.name] = attempts.get(study.name, 0) + 1
            running[worker.convert.remote(study)] = study, worker
        (finished,), _ = ray.wait(list(running), num_returns=1)
        study, worker = running.pop(finished)
        try:
            outcome = ray.get(finished)
            free.append(worker)
        except ray.exceptions.RayError as error:  # the worker died: killed, out of memory, its machine gone
            logger.warning("A worker died (%s). A new one is started.", type(error).__name__)
            ray.kill(worker)  # if it still runs, it holds the cores that the new one needs
            free.append(make_worker())
            if attempts[study.name] < ATTEMPTS:
                waiting.appendleft(study)
                continue
            outcome = Outcome("lost", int(ExitCode.RESOURCES), "worker_lost", _LOST, 0.0, 0.0)
        yield study, outcome


def _ray() -> Any:
    try:
        import ray
        import ray.exceptions
    except ImportError as error:
        raise Refusal(
            Reason.SETTINGS, "Ray is not installed. Install it: pip install -e '.[cohort]' in the repository."
        ) from error
    return ray
