"""The protocol: what is fixed before the first answer."""

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import yaml

from app.reading.protocol.items import CRITERIA, SCORES
from operators.errors import Reason, Refusal

DEFAULT = Path(__file__).with_name("protocol.yaml")


@dataclass(frozen=True)
class Primary:
    """The primary endpoint: share of scans with a consensus score of `at_least`; Syn-CTA may be lower by < `margin`."""

    criterion: str = "wall_clarity"
    at_least: int = 2
    margin: float = 0.10


@dataclass(frozen=True)
class Planning:
    """What the study lead expects, for the simulation of power; shares from 0 to 1."""

    patients: tuple[int, ...] = (40, 60, 100, 212)
    share_cta: float = 0.97
    share_syn_cta: float = 0.95
    correlation: float = 0.2
    simulations: int = 2000


@dataclass(frozen=True)
class Protocol:
    """A study's protocol; `protocol.yaml` beside this file says what each value is."""

    title: str = "Reading study of synthetic CT angiograms"
    seed: int = 2024
    readers: int = 2
    washout_days: int = 28
    training_cases: int = 6
    repeat_share: float = 0.10
    repeat_gap: int = 20
    session_minutes: int = 60
    truth: str = "cta_consensus"
    ask_origin: bool = False
    primary: Primary = field(default_factory=Primary)
    alpha: float = 0.05
    multiplicity: str = "holm"
    planning: Planning = field(default_factory=Planning)

    def canonical(self) -> str:
        """The same text for the same protocol: JSON with sorted keys."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))

    @property
    def sha256(self) -> str:
        """Digest of the canonical text, by which the protocol is frozen."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()


def read_protocol(path: Path) -> Protocol:
    """Read a protocol.yaml.

    Raises:
        Refusal: NO_INPUT, when there is no such file; SETTINGS, with the key, when a value cannot be.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except OSError as error:
        raise Refusal(Reason.NO_INPUT, f"The protocol cannot be read ({error.strerror}).") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Refusal(Reason.SETTINGS, f"The protocol is not valid YAML: {str(error).splitlines()[0]}.") from error
    return protocol_from(content)


def protocol_from(content: Any) -> Protocol:
    """Make a protocol of a mapping, checked.

    Raises:
        Refusal: SETTINGS, with the key, when a value cannot be.
    """
    values = _checked_mapping(content, Protocol, "the protocol")
    values["primary"] = Primary(**_checked_mapping(values.get("primary") or {}, Primary, "primary"))
    planning = _checked_mapping(values.get("planning") or {}, Planning, "planning")
    if "patients" in planning:
        patients = planning["patients"]
        planning["patients"] = tuple(patients) if isinstance(patients, list | tuple) else (patients,)
    values["planning"] = Planning(**planning)
    protocol = Protocol(**values)
    for key, fits, wanted in _rules(protocol):
        if not fits:
            raise Refusal(Reason.SETTINGS, f"Protocol: {key} must be {wanted}.")
    return protocol


def _checked_mapping(content: Any, schema: type, name: str) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise Refusal(Reason.SETTINGS, f"Protocol: {name} must be a mapping of keys to values.")
    names = [each.name for each in fields(schema)]
    if unknown := sorted(set(map(str, content)) - set(names)):
        raise Refusal(Reason.SETTINGS, f"Protocol: unknown key {unknown[0]} in {name}; known keys: {', '.join(names)}.")
    return dict(content)


def _rules(protocol: Protocol) -> list[tuple[str, bool, str]]:
    def whole(value: Any, low: int, high: int = 10**9) -> bool:
        return type(value) is int and low <= value <= high

    def share(value: Any, low: float = 0.0, high: float = 1.0) -> bool:
        return type(value) in (int, float) and low <= value <= high

    primary, planning = protocol.primary, protocol.planning
    return [
        ("title", isinstance(protocol.title, str) and bool(protocol.title.strip()), "a text"),
        ("seed", whole(protocol.seed, 0), "a whole number from 0"),
        ("readers", whole(protocol.readers, 2, 50), "a whole number from 2 to 50"),
        ("washout_days", whole(protocol.washout_days, 0, 1000), "a whole number of days from 0"),
        ("training_cases", whole(protocol.training_cases, 0, 100), "a whole number from 0 to 100"),
        ("repeat_share", share(protocol.repeat_share, 0, 0.5), "a share from 0 to 0.5"),
        ("repeat_gap", whole(protocol.repeat_gap, 1), "a whole number of cases from 1"),
        ("session_minutes", whole(protocol.session_minutes, 5, 600), "a whole number of minutes from 5 to 600"),
        ("truth", protocol.truth in ("cta_consensus", "panel"), "cta_consensus or panel"),
        ("ask_origin", isinstance(protocol.ask_origin, bool), "true or false"),
        ("primary.criterion", primary.criterion in CRITERIA, f"one of {', '.join(CRITERIA)}"),
        ("primary.at_least", primary.at_least in list(SCORES)[1:], "2 or 3"),
        ("primary.margin", share(primary.margin, 0.001, 0.5), "a share from 0.001 to 0.5"),
        ("alpha", share(protocol.alpha, 0.001, 0.2), "from 0.001 to 0.2"),
        ("multiplicity", protocol.multiplicity in ("holm", "none"), "holm or none"),
        ("planning.patients", all(whole(n, 5, 5000) for n in planning.patients), "whole numbers from 5 to 5000"),
        ("planning.share_cta", share(planning.share_cta), "a share from 0 to 1"),
        ("planning.share_syn_cta", share(planning.share_syn_cta), "a share from 0 to 1"),
        ("planning.correlation", share(planning.correlation, 0, 0.99), "from 0 to 0.99"),
        ("planning.simulations", whole(planning.simulations, 100, 100000), "a whole number from 100 to 100000"),
    ]
