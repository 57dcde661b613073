"""gateway.yaml: the settings of the gateway and their schema. deploy/pacs/gateway.yaml says what each key means."""

from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from app.settings import read_checked

AETitle = Annotated[str, Field(pattern=r"^[!-\[\]-~]([ -\[\]-~]{0,14}[!-\[\]-~])?$")]
"""1 to 16 printable ASCII characters without backslash, no space at either end (PS3.5 6.2)."""

Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[float, Field(gt=0)]
ANY_AE_TITLE = "*"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class ServerTLS(_Section):
    """TLS of the DICOM port."""

    certificate: Path
    key: Path
    client_ca: Path | None = None


class ClientTLS(_Section):
    """TLS towards a target."""

    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None

    @model_validator(mode="after")
    def _key_with_certificate(self) -> "ClientTLS":
        if (self.certificate is None) != (self.key is None):
            raise ValueError("give both certificate and key, or neither")
        return self


class Sender(_Section):
    """One entry of the allow-list."""

    ae_title: AETitle
    address: IPv4Network | IPv6Network | None = None


class DicomSettings(_Section):
    """The DICOM node."""

    ae_title: AETitle = "SYNCTA"
    host: str = "0.0.0.0"
    port: Port = 11112
    allow: Annotated[list[Sender], Field(min_length=1)]
    max_associations: Annotated[int, Field(ge=1, le=200)] = 10
    network_timeout_s: Seconds = 60
    max_object_mb: Annotated[int, Field(ge=1)] = 1024
    tls: ServerTLS | None = None


class QueueSettings(_Section):
    """The queue on disk and when a series is complete."""

    folder: Path
    unit: Literal["series", "study"] = "series"
    quiet_s: Seconds = 30
    quiet_after_abort_s: Seconds = 300
    quiet_open_association_s: Seconds = 900
    corrections: Literal["replace", "refuse"] = "replace"
    min_free_mb: Annotated[int, Field(ge=0)] = 2048


class WorkerSettings(_Section):
    """How the app is run."""

    command: list[str] = []
    options: list[str] = []
    timeout_s: Seconds = 7200
    attempts: Annotated[int, Field(ge=1)] = 5
    wait_s: Seconds = 60


class DicomTarget(_Section):
    """A DICOM node that takes results by C-STORE."""

    kind: Literal["dicom"]
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
    host: str
    port: Port
    ae_title: AETitle
    timeout_s: Seconds = 30
    commitment: bool = False
    commitment_timeout_s: Seconds = 3600
    rejection_notes: bool = False
    tls: ClientTLS | None = None


class StowTarget(_Section):
    """A DICOMweb server that takes results by STOW-RS."""

    kind: Literal["stow"]
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
    url: Annotated[str, Field(pattern=r"^https?://[^@\s]+$")]
    username: str | None = None
    password_file: Path | None = None
    token_file: Path | None = None
    timeout_s: Seconds = 60
    verify: bool = False
    rejection_notes: bool = False
    tls: ClientTLS | None = None

    @model_validator(mode="after")
    def _one_way_to_log_in(self) -> "StowTarget":
        if (self.username is None) != (self.password_file is None):
            raise ValueError("give both username and password_file, or neither")
        if self.username is not None and self.token_file is not None:
            raise ValueError("give username or token_file, not both")
        return self

    @model_validator(mode="after")
    def _no_secret_in_the_clear(self) -> "StowTarget":
        secret = self.password_file is not None or self.token_file is not None
        if secret and self.url.startswith("http:") and not _is_this_machine(urlsplit(self.url).hostname or ""):
            raise ValueError(
                "http:// would send the password or token without encryption; use https://, or remove password_file "
                "and token_file"
            )
        return self


class RetrySettings(_Section):
    """Back-off of a target that does not take a result."""

    attempts: Annotated[int, Field(ge=1)] = 60
    first_s: Seconds = 10
    max_s: Seconds = 3600


class RetentionSettings(_Section):
    """How long jobs stay on the disk; 0 keeps them."""

    done_hours: Annotated[float, Field(ge=0)] = 24
    refused_hours: Annotated[float, Field(ge=0)] = 168
    dead_letter_hours: Annotated[float, Field(ge=0)] = 0
    corrections_days: Annotated[float, Field(ge=0)] = 365


class HttpSettings(_Section):
    """Health and metrics."""

    host: str = "127.0.0.1"
    port: Port = 8080


class GatewaySettings(_Section):
    """All settings of gateway.yaml."""

    dicom: DicomSettings
    queue: QueueSettings
    worker: WorkerSettings = WorkerSettings()
    targets: Annotated[list[Annotated[DicomTarget | StowTarget, Field(discriminator="kind")]], Field(min_length=1)]
    retry: RetrySettings = RetrySettings()
    retention: RetentionSettings = RetentionSettings()
    http: HttpSettings | None = HttpSettings()
    stop_grace_s: Annotated[float, Field(ge=0)] = 60

    @field_validator("targets")
    @classmethod
    def _names_differ(cls, targets: list[DicomTarget | StowTarget]) -> list[DicomTarget | StowTarget]:
        if len({target.name for target in targets}) < len(targets):
            raise ValueError("each target needs a different name")
        return targets

    @model_validator(mode="after")
    def _reports_have_a_way_in(self) -> "GatewaySettings":
        allowed = {sender.ae_title for sender in self.dicom.allow}
        for target in self.targets:
            if isinstance(target, DicomTarget) and target.commitment and not allowed & {ANY_AE_TITLE, target.ae_title}:
                raise ValueError(
                    f"target {target.name}: with commitment: true the target sends its report to the gateway; add its "
                    "AE title to dicom.allow"
                )
        return self


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:  # a name
        return False


def read_gateway_settings(path: Path) -> GatewaySettings:
    """Read and check gateway.yaml.

    Args:
        path: YAML file.

    Returns:
        The settings; what the file leaves out has its default.

    Raises:
        Refusal: SETTINGS, with every key that is wrong and what it must be.
    """
    return read_checked(path, GatewaySettings, "gateway.yaml")
