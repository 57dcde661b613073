"""Runs a command that must not outlive the gateway (Linux).

    python -m app.gateway.convert.parent_death_signal PID COMMAND ...       # PID: of the gateway

When the gateway is killed, the kernel kills the command too (PR_SET_PDEATHSIG, which stays set over exec); the next
start of the gateway can therefore run the same job again without a clash with the earlier run.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> int:
    """Tie this process to its parent and become the command; returns only on failure."""
    gateway = int(sys.argv[1])
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != gateway:  # it died before the call above
        return os.EX_UNAVAILABLE
    try:
        os.execvp(sys.argv[2], sys.argv[2:])
    except OSError as error:
        print(f"The command of the worker cannot be started: {os.strerror(error.errno or 0)}", file=sys.stderr)
        return os.EX_CONFIG


if __name__ == "__main__":
    sys.exit(main())
