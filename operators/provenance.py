"""Which software and weights made a result; the UIDs of the result depend on all of it."""

import hashlib
import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Provenance:
    """The software and weights that made a Syn-CTA series.

    Attributes:
        application: name of the application.
        application_version: its semantic version.
        bundle: name of the MONAI bundle.
        bundle_version: version in the bundle's metadata.json.
        config_sha256: digest of the bundle's inference config.
        scripts_sha256: digest of the bundle's own Python code.
        weights_sha256: digest of the bundle's model.pt.
        engine: what ran the network, with its version; results of engines may differ in the last digit.
        device: kind of device, "cpu" or "cuda"; the same holds.
        amp: whether the network ran in mixed precision.
        context_sha256: digest of the bundle's context.pt; None for a bundle without one.
    """

    application: str
    application_version: str
    bundle: str
    bundle_version: str
    config_sha256: str
    scripts_sha256: str
    weights_sha256: str
    engine: str
    device: str
    amp: bool
    context_sha256: str | None = None

    @property
    def fingerprint(self) -> str:
        """One digest over everything above."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()
