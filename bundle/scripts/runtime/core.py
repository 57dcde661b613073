"""OpenVINO's entry point, one for the whole process."""

from functools import cache
from typing import Any


@cache
def core() -> Any:
    """The `openvino.Core`, made at the first call and kept to the end.

    The CPU plugin of a Core gives the thread that loads it a stack for signal handlers (sigaltstack(2)) and frees it
    with the Core. When several Cores are freed in another order than they were made, the thread is left with a stack
    that is already freed, and the next signal ends the process with SIGSEGV.
    """
    import openvino

    return openvino.Core()
