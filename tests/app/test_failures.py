"""Every failure ends in an exit code and a message without secrets."""

import errno
import json

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
