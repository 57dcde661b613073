"""Every failure ends in an exit code and a message without secrets."""

import errno

import pytest
import torch

from app.failures import as_refusal
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


def test_the_text_of_an_unexpected_error_is_not_told():
    message = as_refusal(ValueError("Doe^John in /secret")).message
    assert "Doe" not in message
    assert "secret" not in message
    assert "ValueError" in message
