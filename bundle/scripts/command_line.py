"""Refuses misspelt settings of `monai.bundle run`: MONAI takes them for new keys, and would run with the defaults."""

import ast
import inspect
from collections.abc import Sequence
from difflib import get_close_matches

from monai.bundle import ConfigParser, ConfigWorkflow, run

_NESTED = ("::", "#")


def refuse_unknown_settings(arguments: Sequence[str]) -> None:
    """Compare the settings of a command with the keys of its configs.

    Args:
        arguments: the command line, `sys.argv`; one without --config_file is not looked at.

    Raises:
        ValueError: naming the first setting that no config has, and those with a similar name.
    """
    settings = dict(_settings(arguments))
    if "config_file" not in settings:
        return
    known = {*inspect.signature(run).parameters, *inspect.signature(ConfigWorkflow.__init__).parameters}
    known |= {_top_level(key) for file in _files(settings["config_file"]) for key in _keys(file)}
    if "tracking" in settings:
        known |= {"tracking_uri", "experiment_name", "run_name"}
    for setting in settings:
        name = _top_level(setting)
        if name not in known:
            close = get_close_matches(name, known)
            hint = f": did you mean {' or '.join(f'--{match}' for match in close)}?" if close else "."
            raise ValueError(f"No config has the setting --{name}{hint}")


def _settings(arguments: Sequence[str]) -> list[tuple[str, str]]:
    """Names of the options with what follows them, in both spellings, `--name value` and `--name=value`."""
    found = []
    for argument, following in zip(arguments, [*arguments[1:], ""], strict=True):
        if argument.startswith("--"):
            name, equals, value = argument[2:].partition("=")
            found.append((name.replace("-", "_"), value if equals else following))
    return found


def _files(config_file: str) -> list[str]:
    """The files of the option, which is one name or a list in Python's spelling."""
    return ast.literal_eval(config_file) if config_file.startswith("[") else [config_file]


def _keys(file: str) -> list[str]:
    return list(ConfigParser.load_config_file(file))


def _top_level(key: str) -> str:
    name = key.removeprefix("+")
    for separator in _NESTED:
        name = name.partition(separator)[0]
    return name
