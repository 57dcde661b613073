import pytest

from scripts.exit_code import exit_code


def fail_with(error):
    def run():
        raise error

    return run


def test_a_command_that_runs_ends_with_0():
    assert exit_code(lambda: "done") == 0


def test_an_error_that_a_user_can_mend_is_one_line(capsys):
    assert exit_code(fail_with(ValueError("name another folder"))) == 1
    assert capsys.readouterr().err == "Error: name another folder\n"


def test_any_other_error_keeps_its_traceback():
    with pytest.raises(KeyError):
        exit_code(fail_with(KeyError("a fault of the program")))


def test_a_command_may_have_a_code_of_its_own():
    assert exit_code(fail_with(OSError("no checkpoint")), code=65) == 65
