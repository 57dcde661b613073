import pytest

from studies.comparison.__main__ import main
from studies.comparison.study import CENTRAL_CLAIM, METHODS

pytestmark = pytest.mark.slow


@pytest.fixture
def help_lines(capsys) -> list[str]:
    with pytest.raises(SystemExit):
        main(["-h"])
    return [line.strip() for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("name", METHODS)
def test_the_help_names_every_method_as_a_shell_takes_it(help_lines, name):
    assert [line for line in help_lines if line.removesuffix(" (default)") == f'"{name}"']


def test_the_help_names_the_default_methods(help_lines):
    assert [line for line in help_lines if line.endswith('" (default)')] == [
        f'"{name}" (default)' for name in CENTRAL_CLAIM
    ]


def test_the_help_names_the_default_misalignments(help_lines):
    assert "(default: 0 2 4 8)" in " ".join(help_lines)
