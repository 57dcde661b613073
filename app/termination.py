"""End cleanly when the process is asked to (SIGTERM, Ctrl-C): no half-written files remain, and the exit code shows it.

Python's own signal handlers run between two instructions of the main thread, which waits inside Holoscan for the whole
run. A thread that waits for the signals answers at once.
"""

import os
import signal
import threading

from app.logs import report_refusal, silence_other_threads
from operators.errors import Reason, Refusal
from operators.output.staging import discard_unfinished

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def end_cleanly_on_signals() -> None:
    """Watch for SIGTERM and SIGINT; call once, before any other thread is made, since threads inherit what they block.

    The process then ends with exit code 143 and one line of JSON. Its output folder holds what it held before, or the
    whole result where that had just been put into place.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    threading.Thread(target=_wait, name="signals", daemon=True).start()


def _wait() -> None:
    signal.sigwait(_SIGNALS)
    discard_unfinished()
    silence_other_threads()  # the line of JSON is the last one
    report_refusal(
        Refusal(Reason.TERMINATED, "The run was ended by a signal. If there is no result.json, nothing was written.")
    )
    os._exit(int(Reason.TERMINATED.exit_code))  # the other threads are in the middle of their work
