"""Read app.yaml: the application's manifest and the settings of the site, checked with clear errors."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args, get_type_hints

import yaml
from pydantic import ConfigDict, StringConstraints, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from app.shipped import SETTINGS
from operators.companions.settings import CompanionSettings
from operators.dicom_loader.settings import LoaderSettings, Section
from operators.dicom_objects.settings import UncertaintySettings, WriterSettings
from operators.dicom_objects.text import one_value
from operators.errors import Reason, Refusal
from operators.report.settings import ReportSettings

Title = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, min_length=1, max_length=48), one_value]
"""LO of 64 characters holds it with the version: Software Versions (0018,1020)."""

_Settings = TypeVar("_Settings")

_WORDS = {
    "dataclass_type": "Input should be a mapping",
    "model_type": "Input should be a mapping",
    "tuple_type": "Input should be a list",
}
"""Messages of pydantic that name Python types, in terms of YAML."""


@dataclass(frozen=True)
class Application:
    """The part of the manifest that the app reads; the packager reads the rest.

    Attributes:
        title: name of the application in the results.
    """

    __pydantic_config__ = ConfigDict(extra="ignore")

    title: Title = "Syn-CTA"


@dataclass(frozen=True)
class AppSettings:
    """All settings of app.yaml.

    Attributes:
        application: the manifest.
        resources: for the packager.
        loader: limits of what is accepted.
        writer: choices for the written series.
        companions: what is written beside it.
        uncertainty: the second series.
        report: files for people.
    """

    __pydantic_config__ = ConfigDict(extra="forbid", allow_inf_nan=False)  # an infinite limit would be no limit

    application: Section[Application] = field(default_factory=Application)
    resources: Any = field(default=None, compare=False)
    loader: Section[LoaderSettings] = field(default_factory=LoaderSettings)
    writer: Section[WriterSettings] = field(default_factory=WriterSettings)
    companions: Section[CompanionSettings] = field(default_factory=CompanionSettings)
    uncertainty: Section[UncertaintySettings] = field(default_factory=UncertaintySettings)
    report: Section[ReportSettings] = field(default_factory=ReportSettings)

    @property
    def title(self) -> str:
        """Name of the application."""
        return self.application.title


def read_settings(path: Path = SETTINGS) -> AppSettings:
    """Read and check app.yaml, or another settings file; missing keys have their defaults.

    Raises:
        Refusal: as `read_checked`.
    """
    return read_checked(path, AppSettings, "app.yaml")


def read_checked(path: Path, schema: type[_Settings], name: str) -> _Settings:
    """Read a settings file.

    Args:
        path: YAML file.
        schema: a dataclass or a pydantic model.
        name: what the file is called in errors, which must not show a path.

    Raises:
        Refusal: SETTINGS, with every key that is wrong and what it must be.
    """
    try:
        return TypeAdapter(schema).validate_python(_content(path, name))
    except ValidationError as error:
        faults = "; ".join(_fault(fault, schema) for fault in error.errors())
        raise Refusal(Reason.SETTINGS, f"{name}: {faults}.") from error


def _content(path: Path, name: str) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Refusal(Reason.SETTINGS, f"{name} is missing or cannot be read.") from error
    except UnicodeDecodeError as error:
        raise Refusal(Reason.SETTINGS, f"{name} is not UTF-8 text. Save it as UTF-8.") from error
    except RecursionError as error:
        raise Refusal(Reason.SETTINGS, f"{name} is nested too deeply. Check its indentation.") from error
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date that no calendar has
        mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
        where = f" in line {mark.line + 1}" if mark else ""
        raise Refusal(Reason.SETTINGS, f"{name} is not valid YAML{where}.") from error


def _fault(fault: ErrorDetails, schema: type) -> str:
    """Key, allowed values, and the value found; text is not shown, since it may be a password or a path."""
    where, found = ".".join(map(str, fault["loc"])) or "the file", fault["input"]
    if fault["type"] == "unexpected_keyword_argument":
        return f"{where} is unknown; known: {', '.join(_keys(schema, fault['loc'][:-1]))}"
    message = _WORDS.get(fault["type"], fault["msg"].removeprefix("Value error, "))
    if message.startswith("Input should"):
        message += f", found {found if isinstance(found, int | float) else type(found).__name__}"
    return f"{where}: {message}"


def _keys(schema: type, path: tuple[str | int, ...]) -> list[str]:
    """Keys of the section at a path in the schema."""
    for key in path:
        schema = get_args(schema)[0] if isinstance(key, int) else get_type_hints(schema)[key]
    return list(get_type_hints(schema))
