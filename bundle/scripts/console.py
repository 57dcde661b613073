"""Terminal output of `monai.bundle run`: errors in a few lines, without the messages of libraries."""

import os
import re
import sys
import sysconfig
import traceback
import warnings
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

FULL_TRACEBACK = "SYN_CTA_TRACEBACK"
"""Environment variable: any value restores Python's own traceback."""

_BUNDLE = Path(__file__).resolve().parents[1]
_LIBRARIES = tuple(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib"))
_WRAPPERS = ("Failed to evaluate", "Failed to instantiate", "applying transform")  # MONAI's, around the cause
_FROM_WORKER = "Original Traceback"  # torch passes on an error of a loader's process as text
_WRAPPED = "The above exception was the direct cause"
_ERROR_LINE = re.compile(r"^[\w.]*(Error|Exception)\b")
_HINT = f"{FULL_TRACEBACK}=1 before the command shows the whole traceback."


_IGNORED_WARNINGS = (
    "NvImgCodecPydicomReader",  # a decoder of GPUs that is not there; volumes are NIfTI
    "monai.networks.blocks.Warp: Using PyTorch native grid_sample",  # as in every run
)


def set_up_console(arguments: Sequence[str]) -> None:
    """Make this process end with a short message of the cause instead of a page of the config parser's frames.

    A refusal by the bundle becomes one line; other errors keep the frames of the cause outside libraries. Nothing
    changes in errors where FULL_TRACEBACK is set.

    Args:
        arguments: the command line, `sys.argv`; one without --config_file is another program's, which is left alone.
    """
    if not any(argument.startswith("--config_file") for argument in arguments):
        return
    for message in _IGNORED_WARNINGS:
        warnings.filterwarnings("ignore", message=message)
    if not os.environ.get(FULL_TRACEBACK):
        sys.excepthook = _print_cause


def _print_cause(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if isinstance(error, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        print("\n" + "\n".join(_lines(_cause(error))), file=sys.stderr)


def _cause(error: BaseException) -> BaseException:
    while error.__cause__ is not None and str(error).startswith(_WRAPPERS):
        error = error.__cause__
    return error


def _lines(error: BaseException) -> list[str]:
    """What to print, the message last."""
    text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    if _FROM_WORKER in text:
        return [_HINT, f"Error: {_last_error(text.partition(_WRAPPED)[0].splitlines())}"]
    frames = traceback.extract_tb(error.__traceback__)
    if isinstance(error, ValueError | OSError) and frames and _is_ours(frames[-1]):  # raised on purpose
        return [f"Error: {text}"]
    own = [frame for frame in frames[:-1] if not frame.filename.startswith((*_LIBRARIES, "<"))]
    lines = [line.rstrip() for line in traceback.format_list([*own, *frames[-1:]])]
    return [*lines, _HINT, f"Error: {type(error).__name__}: {text}"]


def _is_ours(frame: traceback.FrameSummary) -> bool:
    return Path(frame.filename).is_relative_to(_BUNDLE)


def _last_error(lines: Sequence[str]) -> str:
    """The error at the end of a printed traceback, which may have several lines."""
    starts = [number for number, line in enumerate(lines) if _ERROR_LINE.match(line)]
    return "\n".join(lines[starts[-1] :] if starts else lines).strip()
