"""Read app.yaml: the application's manifest and the settings of the site, checked with clear errors."""

import dataclasses
import math
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import yaml

from operators.companions.settings import CompanionSettings
from operators.dicom_loader.settings import LoaderSettings
from operators.dicom_writer.settings import DisplayWindow, UncertaintySettings, WriterSettings
from operators.errors import Reason, Refusal

DEFAULT_FILE = Path(__file__).resolve().parent.parent / "app.yaml"

_TITLE = "Syn-CTA"
"""Title of an application that has none in app.yaml."""

_TEXT_LIMITS = {"manufacturer": 64, "model_name": 64, "series_description": 64, "overlay_label": 64, "name": 16}
"""Longest value that the DICOM attribute takes, in characters."""


@dataclass(frozen=True)
class AppSettings:
    """Everything that app.yaml says to the app.

    Attributes:
        title: application.title.
        loader: limits of what is accepted.
        writer: choices for the written series.
        companions: what is written beside it.
        uncertainty: the second series.
    """

    title: str
    loader: LoaderSettings
    writer: WriterSettings
    companions: CompanionSettings
    uncertainty: UncertaintySettings


def read_settings(path: Path = DEFAULT_FILE) -> AppSettings:
    """Read and check a settings file.

    Args:
        path: YAML file.

    Returns:
        The settings; what the file leaves out has its default.

    Raises:
        Refusal: SETTINGS, with the key that is wrong and what it must be.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Refusal(Reason.SETTINGS, "app.yaml is missing or cannot be read.") from error
    except UnicodeDecodeError as error:
        raise Refusal(Reason.SETTINGS, "app.yaml is not UTF-8 text. Save it as UTF-8.") from error
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date that no calendar has
        where = f" in line {error.problem_mark.line + 1}" if getattr(error, "problem_mark", None) else ""
        raise Refusal(Reason.SETTINGS, f"app.yaml is not valid YAML{where}.") from error
    content = _mapping(content, "app.yaml")
    application = content.get("application")
    application = _mapping({} if application is None else application, "application")
    return AppSettings(
        title=_typed(application.get("title", _TITLE), str, "application.title"),
        loader=_section(LoaderSettings, content.get("loader"), "loader"),
        writer=_section(WriterSettings, content.get("writer"), "writer"),
        companions=_section(CompanionSettings, content.get("companions"), "companions"),
        uncertainty=_section(UncertaintySettings, content.get("uncertainty"), "uncertainty"),
    )


def _section(kind: type, content: Any, name: str) -> Any:
    """A settings dataclass from a mapping; unknown keys are errors, missing ones take the default."""
    values = _mapping({} if content is None else content, name)
    hints = get_type_hints(kind)
    checked = {}
    for key, value in values.items():
        where = f"{name}.{key}"
        if key not in hints:
            raise Refusal(Reason.SETTINGS, f"app.yaml: {where} is unknown. Known: {', '.join(hints)}.")
        checked[key] = _value(value, hints[key], where)
    required = {f.name for f in dataclasses.fields(kind) if f.default is dataclasses.MISSING}
    if missing := required - checked.keys():
        raise Refusal(Reason.SETTINGS, f"app.yaml: {name} lacks {', '.join(sorted(missing))}.")
    return kind(**checked)


def _value(value: Any, kind: Any, where: str) -> Any:
    """The value as `kind`: a section of its own, a list, or a single value."""
    if dataclasses.is_dataclass(kind):
        return _section(kind, value, where)
    if where.endswith(".windows"):
        return _windows(value, where)
    if get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise Refusal(Reason.SETTINGS, f"app.yaml: {where} must be a list. Found {type(value).__name__}.")
        return tuple(_typed(item, get_args(kind)[0], f"{where}[{i}]") for i, item in enumerate(value))
    return _typed(value, kind, where)


def _windows(value: Any, where: str) -> tuple[DisplayWindow, ...]:
    if not isinstance(value, list) or not value:
        raise Refusal(Reason.SETTINGS, f"app.yaml: {where} must be a list of at least one window.")
    windows = tuple(_section(DisplayWindow, item, f"{where}[{i}]") for i, item in enumerate(value))
    if any(window.width_hu < 1 for window in windows):
        raise Refusal(Reason.SETTINGS, f"app.yaml: {where}: width_hu must be at least 1.")
    return windows


def _mapping(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Refusal(Reason.SETTINGS, f"app.yaml: {where} must be a mapping. Found {type(value).__name__}.")
    return value


def _typed(value: Any, kind: type, where: str) -> Any:
    """The value as `kind`; whole numbers pass as float, words as the value of a closed vocabulary."""
    if issubclass(kind, Enum):
        if value not in list(kind):
            words = ", ".join(str(choice.value) for choice in kind)
            raise Refusal(Reason.SETTINGS, f"app.yaml: {where} must be one of {words}.")
        return kind(value)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise Refusal(
            Reason.SETTINGS, f"app.yaml: {where} must be of type {kind.__name__}. Found {type(value).__name__}."
        )
    if isinstance(value, float) and not math.isfinite(value):  # no limit at all, without a word
        raise Refusal(Reason.SETTINGS, f"app.yaml: {where} must be a finite number. Found {value}.")
    if isinstance(value, (int, float)) and value < 0 and not where.endswith("center_hu"):
        raise Refusal(Reason.SETTINGS, f"app.yaml: {where} must not be negative. Found {value}.")
    limit = _TEXT_LIMITS.get(where.rsplit(".", 1)[-1])
    if limit is not None and (len(value) > limit or "\\" in value or not value.isascii()):
        raise Refusal(
            Reason.SETTINGS, f"app.yaml: {where} must be ASCII text of at most {limit} characters, without backslash."
        )
    return value
