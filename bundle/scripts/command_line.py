"""Refuses misspelt settings of `monai.bundle run`: MONAI takes them for new keys, and would run with the defaults.

The configs ask for this when a run begins. By then MONAI has been imported, which takes a while.
`python bundle/scripts/command_line.py` makes this environment's Python check before that, and import MONAI with less
work. This file imports as little as possible.
"""

import ast
import gc
import json
import os
import sys
import sysconfig
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

import yaml

MONAI_PARAMETERS = (
    *("run_id", "init_id", "final_id", "meta_file", "config_file", "logging_file", "tracking", "args_file", "override"),
    *("self", "workflow_type", "properties_path"),
)
"""Parameters of `monai.bundle.run` and of `ConfigWorkflow`, which no config needs to have."""

_NEW_OBJECTS = 50_000
"""So many new objects make Python look for garbage, 700 by default. MONAI's modules make a million that stay: to look
at them again and again takes a sixth of the import."""

_NESTED = ("::", "#")
_CHECK = "refuse_unknown_settings"
_BEFORE_MONAI = "before_monai"
_PTH_FILE = "syn_cta_settings.pth"  # Python runs lines of such files that begin with import when it starts
_PTH_LINE = (
    "import os, sys; 'monai.bundle' in sys.orig_argv and os.path.isfile('scripts/command_line.py') "
    f"and __import__('runpy').run_path('scripts/command_line.py', run_name='{_BEFORE_MONAI}')\n"
)


class UnknownSetting(ValueError):
    """No config has the setting; the text names settings with a similar name."""


def refuse_unknown_settings(arguments: Sequence[str]) -> None:
    """Compare the settings of a command with the keys of its configs.

    Args:
        arguments: the command line, `sys.argv`; one without --config_file is ignored.

    Raises:
        UnknownSetting: for the first setting that no config has.
    """
    settings = dict(_settings(arguments))
    if "config_file" not in settings:
        return
    known = set(MONAI_PARAMETERS)
    known |= {_top_level(key) for file in _files(settings["config_file"]) for key in _keys(file)}
    if "tracking" in settings:
        known |= {"tracking_uri", "experiment_name", "run_name"}
    for setting in settings:
        name = _top_level(setting)
        if name not in known:
            close = get_close_matches(name, known)
            hint = f". Did you mean {' or '.join(f'--{match}' for match in close)}?" if close else "."
            raise UnknownSetting(f"No config has the setting --{name}{hint}")


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
    with Path(file).open(encoding="utf-8") as stream:
        return list(json.load(stream) if file.endswith(".json") else yaml.load(stream, _LOADER))  # noqa: S506 - it is a safe one


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where PyYAML was built with it


def _top_level(key: str) -> str:
    name = key.removeprefix("+")
    for separator in _NESTED:
        name = name.partition(separator)[0]
    return name


def check_at_python_start(site_packages: Path) -> None:
    """Make an environment's Python check the settings of a bundle's run before MONAI is imported.

    Args:
        site_packages: folder of the environment's packages.
    """
    (site_packages / _PTH_FILE).write_text(_PTH_LINE, encoding="utf-8")


def _check_before_monai(command: Sequence[str]) -> None:
    """Refuse the settings that the configs would refuse later.

    Args:
        command: the command line from "monai.bundle" on.
    """
    try:
        files = _files(dict(_settings(command))["config_file"])
        if command[1] == "run" and any(_CHECK in Path(file).read_text(encoding="utf-8") for file in files):
            refuse_unknown_settings(command)
    except UnknownSetting as error:
        print(f"Error: {error}", file=sys.stderr, flush=True)
        os._exit(1)  # Python is still starting: an exception here would show as an error of Python
    except Exception:  # MONAI reports what is wrong with a command or a config
        return


if __name__ == _BEFORE_MONAI:
    gc.set_threshold(_NEW_OBJECTS)
    _check_before_monai(sys.orig_argv[sys.orig_argv.index("monai.bundle") :])
if __name__ == "__main__":
    check_at_python_start(Path(sysconfig.get_path("purelib")))
