"""A job whose process dies; in a module of its own, where a spawned process finds it."""

import os


def work(job: int) -> int:
    if job == 2:
        os._exit(1)  # as the kernel does when memory runs out
    return job * 10
