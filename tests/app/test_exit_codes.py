"""The exit codes and reasons that the help lists."""

import re

import pytest

from app.cli import main
from operators.errors import ExitCode, Reason


@pytest.fixture
def listed(capsys):
    """Words below each exit code in the help."""
    with pytest.raises(SystemExit):
        main(["-h"])
    table = capsys.readouterr().out.split("exit codes (sysexits)")[1].split("\n\n")[0]
    parts = re.split(r"\n +(\d+)  .*", table)
    return {int(code): set(re.findall(r"\w+", words)) for code, words in zip(parts[1::2], parts[2::2], strict=True)}


def test_help_lists_every_exit_code(listed):
    assert set(listed) == set(ExitCode)


@pytest.mark.parametrize("exit_code", ExitCode)
def test_help_lists_the_reasons_below_their_exit_code(listed, exit_code):
    assert listed[exit_code] == {reason.code for reason in Reason if reason.exit_code is exit_code}
