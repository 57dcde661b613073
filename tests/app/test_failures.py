"""Every failure ends in an exit code and a message without secrets."""

import errno
import gc
import json
import resource
import weakref
from pathlib import Path

import pytest
import torch

from app.failures import as_refusal, exit_code_of
from operators.errors import ExitCode, Reason, Refusal


def test_a_refusal_stays_itself():
    refusal = Refusal(Reason.CONTRAST, "enhanced")
    assert as_refusal(refusal) is refusal


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [
        (MemoryError(), ExitCode.RESOURCES),
        (torch.OutOfMemoryError("CUDA out of memory"), ExitCode.RESOURCES),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), ExitCode.RESOURCES),
        (OSError(errno.ENOSPC, "full", "/secret"), ExitCode.CANNOT_WRITE),
        (ValueError("Doe^John"), ExitCode.INTERNAL),
    ],
)
def test_other_errors_have_their_exit_code(error, exit_code):
    assert as_refusal(error).exit_code is exit_code


def test_a_missing_attribute_is_no_lack_of_memory():
    fault = AttributeError("'FileDataset' object has no attribute 'BitsAllocated'")
    assert as_refusal(fault).reason is Reason.INTERNAL


@pytest.fixture
def nearly_full_address_space():
    """A limit of the address space just above what the process has."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (int(taken * 1.2), before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


def test_any_error_under_a_limit_of_memory_that_is_reached_is_lack_of_memory(nearly_full_address_space):
    assert as_refusal(RuntimeError("words of a library")).reason is Reason.OUT_OF_MEMORY


def test_what_an_internal_error_broke_off_is_not_taken_apart(capsys):
    class Context:
        pass

    kept = []

    def run() -> int:
        context = Context()
        kept.append(weakref.ref(context))
        raise RuntimeError("broken off")

    exit_code_of(run)
    gc.collect()
    assert kept[0]() is not None


def test_the_text_of_an_unexpected_error_is_not_told():
    message = as_refusal(ValueError("Doe^John in /secret")).message
    assert "Doe" not in message
    assert "secret" not in message
    assert "ValueError" in message


def refuse() -> int:
    raise Refusal(Reason.CONTRAST, "enhanced")


def test_a_refused_command_ends_with_the_exit_code_of_its_reason():
    assert exit_code_of(refuse) == Reason.CONTRAST.exit_code


def test_a_refused_command_tells_its_reason_in_one_line_of_json(capsys):
    exit_code_of(refuse)
    assert json.loads(capsys.readouterr().err)["message"] == "enhanced"


def test_a_command_that_runs_ends_with_its_own_exit_code():
    assert exit_code_of(lambda: ExitCode.RESOURCES) == ExitCode.RESOURCES
