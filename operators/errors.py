"""Typed refusals: every way in which a run can end without a Syn-CTA series, with its exit code and reason code."""

import errno
from enum import Enum, IntEnum


class ExitCode(IntEnum):
    """Process exit codes, the values of sysexits.h where it has one.

    Attributes:
        meaning: in words, for the help.
    """

    meaning: str

    OK = 0, "done"
    USAGE = 2, "wrong command line"  # as in argparse
    DATA = 65, "the series must not be converted"  # EX_DATAERR
    NO_INPUT = 66, "no usable input"  # EX_NOINPUT
    INTERNAL = 70, "internal error"  # EX_SOFTWARE
    CANNOT_WRITE = 73, "the output cannot be written or exists already"  # EX_CANTCREAT
    RESOURCES = 75, "out of memory, or the requested GPU is not there; may work on another machine"  # EX_TEMPFAIL
    CONFIGURATION = 78, "settings, bundle, weights or CUDA runtime missing or not valid"  # EX_CONFIG
    TERMINATED = 143, "ended by SIGTERM or Ctrl-C"  # 128 + SIGTERM, as in shells

    def __new__(cls, value: int, meaning: str) -> "ExitCode":
        """Make a member of the value alone."""
        member = int.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member


class Reason(Enum):
    """Stable reason codes for the JSON line and result consumers; never renamed once released."""

    NO_INPUT = ("no_input", ExitCode.NO_INPUT)
    UNREADABLE = ("unreadable", ExitCode.NO_INPUT)
    NO_CT_SERIES = ("no_ct_series", ExitCode.NO_INPUT)
    SERIES_NOT_FOUND = ("series_not_found", ExitCode.NO_INPUT)
    CONTRAST = ("contrast", ExitCode.DATA)
    DERIVED = ("derived", ExitCode.DATA)
    GEOMETRY = ("geometry", ExitCode.DATA)
    AMBIGUOUS = ("ambiguous", ExitCode.DATA)
    TOO_FEW_SLICES = ("too_few_slices", ExitCode.DATA)
    SLICE_THICKNESS = ("slice_thickness", ExitCode.DATA)
    ANATOMY = ("anatomy", ExitCode.DATA)
    METAL = ("metal", ExitCode.DATA)
    IDENTITY = ("identity", ExitCode.DATA)
    NOT_HU = ("not_hu", ExitCode.DATA)
    UNSUPPORTED_CODEC = ("unsupported_codec", ExitCode.DATA)
    UNSUPPORTED_OBJECT = ("unsupported_object", ExitCode.DATA)
    CORRUPT = ("corrupt", ExitCode.DATA)
    INVALID_RESULT = ("invalid_result", ExitCode.INTERNAL)
    INTERNAL = ("internal", ExitCode.INTERNAL)
    CANNOT_WRITE = ("cannot_write", ExitCode.CANNOT_WRITE)
    OUTPUT_EXISTS = ("output_exists", ExitCode.CANNOT_WRITE)
    OUT_OF_MEMORY = ("out_of_memory", ExitCode.RESOURCES)
    DEVICE = ("device", ExitCode.USAGE)
    NO_GPU = ("no_gpu", ExitCode.RESOURCES)
    SETTINGS = ("settings", ExitCode.CONFIGURATION)
    BUNDLE = ("bundle", ExitCode.CONFIGURATION)
    WEIGHTS = ("weights", ExitCode.CONFIGURATION)
    CUDA_RUNTIME = ("cuda_runtime", ExitCode.CONFIGURATION)
    TERMINATED = ("terminated", ExitCode.TERMINATED)

    def __init__(self, code: str, exit_code: ExitCode) -> None:
        self.code = code
        self.exit_code = exit_code

    @property
    def is_final(self) -> bool:
        """Whether another run would give the same result: the reason lies in the data, not in machine or storage.

        A missing or unreadable input is not final: its storage may be offline.
        """
        return self.exit_code is ExitCode.DATA or self in (Reason.NO_CT_SERIES, Reason.SERIES_NOT_FOUND)


class Refusal(Exception):
    """Ends a run with a reason and an exit code.

    Args:
        reason: a stable reason code with its exit code.
        message: one sentence for a person: what was found and what to do. It is printed and logged, so it never
            holds a name, an id, a UID, free text of a header or a path.
    """

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message

    def __reduce__(self) -> tuple:
        """Pickle support, for the processes of a cohort: an exception with two arguments has none by default."""
        return type(self), (self.reason, self.message)

    @property
    def exit_code(self) -> ExitCode:
        """Exit code of the process for this refusal."""
        return self.reason.exit_code


def system_errno(error: OSError) -> int | None:
    """The system's error number of an error, or of its cause.

    pydicom re-raises a disk error with the tag that it was writing, and without the number.

    Returns:
        A constant of `errno`; None when it is not a system error.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno is not None:
            return cause.errno
        cause = cause.__cause__
    return None


def is_unreadable(error: Exception) -> bool:
    """Whether the system could not read a file (permissions, a faulty disk); its bytes may be intact.

    Parsers and decoders raise OSError on damaged bytes too: without an error number, or with EINVAL for a place outside
    the file.
    """
    return isinstance(error, OSError) and system_errno(error) not in (None, errno.EINVAL)
