"""Give threads the 32 MiB stack that Holoscan asks for (`ulimit -s 32768`), without a shell.

The limit must be raised before Holoscan is imported. Linux lets the main thread grow to the new limit at once; threads
made in C++ take glibc's default, which was read when the process started and is therefore set as well.

MONAI always imports Holoscan, so training, which does not use it, would start with its warning.

  python app/stack_limit.py

hides the warning in this environment.
"""

import ctypes
import logging
import resource
import sysconfig
from pathlib import Path

logger = logging.getLogger(__name__)

STACK_BYTES = 32 * 1024 * 1024
_ATTRIBUTE_BYTES = 64  # sizeof(pthread_attr_t): 56 on x86-64, 64 on AArch64

_FILTER = "syn_cta_stack_warning.pth"  # Python runs lines of such files that begin with import when it starts
_FILTER_LINE = "import warnings; warnings.filterwarnings('ignore', 'Current stack size', RuntimeWarning)\n"


def leave_out_warning(site_packages: Path) -> None:
    """Hide Holoscan's warning about the stack in all Python processes of an environment.

    Args:
        site_packages: folder of the environment's packages.
    """
    (site_packages / _FILTER).write_text(_FILTER_LINE, encoding="utf-8")


def raise_stack_limit() -> bool:
    """Raise the soft limit of the stack to 32 MiB.

    Returns:
        Whether the limit is now high enough; a lower hard limit cannot be passed.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_STACK)
    unlimited = resource.RLIM_INFINITY
    if soft == unlimited or soft >= STACK_BYTES:
        return True
    if hard != unlimited and hard < STACK_BYTES:
        logger.debug("The hard limit of the stack (ulimit -H -s) is below 32 MiB; Holoscan may print a warning.")
        return False
    resource.setrlimit(resource.RLIMIT_STACK, (STACK_BYTES, hard))
    _set_default_of_threads()
    return True


def _set_default_of_threads() -> None:
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "pthread_setattr_default_np"):  # not glibc
        return
    attributes = ctypes.create_string_buffer(_ATTRIBUTE_BYTES)
    if libc.pthread_getattr_default_np(attributes) == 0:
        libc.pthread_attr_setstacksize(attributes, ctypes.c_size_t(STACK_BYTES))
        libc.pthread_setattr_default_np(attributes)
        libc.pthread_attr_destroy(attributes)


if __name__ == "__main__":
    leave_out_warning(Path(sysconfig.get_path("purelib")))
