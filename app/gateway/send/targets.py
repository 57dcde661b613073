"""The two ways to hand a result to a peer: C-STORE and STOW-RS. Sending again what a peer has is harmless."""

import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pydicom
import requests
from dicomweb_client.web import DICOMwebClient
from pydicom.dataset import FileDataset
from pydicom.errors import InvalidDicomError
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import AE, evt
from pynetdicom.association import Association

from app.gateway.no_delay import send_at_once
from app.gateway.send.held_reactor import held_reactor
from app.gateway.settings import DicomTarget, StowTarget
from app.gateway.tls import client_context

logger = logging.getLogger(__name__)

_UNCOMPRESSED = (ExplicitVRLittleEndian, ImplicitVRLittleEndian)
_TAKEN = {0x0000, 0xB000, 0xB006, 0xB007, 0x0111}
"""Success, warnings after which the peer keeps the object (PS3.4 B.2.3), and "has it already" (duplicate)."""

_BATCH_BYTES = 32 << 20
_CHUNK_BYTES = 64 << 20  # above a batch: the request then has a Content-Length, which proxies ask for


class DeliveryFailed(Exception):
    """A target did not take everything; the text is a word for logs and records, without patient data."""


class DeliveryStopped(Exception):
    """The gateway stops; nothing is wrong with the target."""


class Target(Protocol):
    """Somebody who takes results."""

    name: str

    def send(self, files: list[Path], stop: threading.Event) -> None:
        """Hand over DICOM files.

        Args:
            files: complete result of a job.
            stop: ends the sending early when set.

        Raises:
            DeliveryFailed: when the target does not have all of them.
            DeliveryStopped: when stopped before.
        """


class StoreTarget:
    """A DICOM node that takes results by C-STORE.

    Args:
        settings: where it is.
        calling_ae_title: what the gateway calls itself.
    """

    def __init__(self, settings: DicomTarget, calling_ae_title: str) -> None:
        self.name = settings.name
        self._settings = settings
        self._calling_ae_title = calling_ae_title

    def send(self, files: list[Path], stop: threading.Event) -> None:
        """Hand over DICOM files over one association; see `Target`."""
        association = self._associate(files)
        try:
            with held_reactor(association):
                for file in files:
                    if stop.is_set():
                        raise DeliveryStopped
                    _store(association, _read(file))
        except DeliveryFailed:
            association.abort()
            raise
        finally:
            association.release()  # nothing to do after an abort

    def _associate(self, files: list[Path]) -> Association:
        settings = self._settings
        ae = AE(self._calling_ae_title)
        ae.connection_timeout = ae.acse_timeout = ae.dimse_timeout = ae.network_timeout = settings.timeout_s
        for sop_class, syntaxes in sorted(_presentation_contexts(files).items()):
            ae.add_requested_context(sop_class, sorted(syntaxes))
        try:
            tls = (client_context(settings.tls), settings.host) if settings.tls else None
        except OSError as error:
            raise DeliveryFailed("tls_file_unusable") from error
        association = ae.associate(
            settings.host,
            settings.port,
            ae_title=settings.ae_title,
            max_pdu=0,
            tls_args=tls,
            evt_handlers=[(evt.EVT_CONN_OPEN, send_at_once)],
        )
        if not association.is_established:
            raise DeliveryFailed("association_rejected" if association.is_rejected else "no_association")
        return association


class WebTarget:
    """A DICOMweb server that takes results by STOW-RS.

    Args:
        settings: where it is and how to log in.
    """

    def __init__(self, settings: StowTarget) -> None:
        self.name = settings.name
        self._settings = settings

    def send(self, files: list[Path], stop: threading.Event) -> None:
        """Hand over DICOM files in a few requests; see `Target`."""
        try:
            client = self._client()
            for batch in _batches(files):
                if stop.is_set():
                    raise DeliveryStopped
                answer = client.store_instances([_read(file) for file in batch])
                if answer.get("FailedSOPSequence"):
                    raise DeliveryFailed("stow_refused_instances")
        except requests.HTTPError as error:
            raise DeliveryFailed(f"http_{error.response.status_code}") from error
        except requests.RequestException as error:
            raise DeliveryFailed(type(error).__name__) from error
        except (OSError, ValueError) as error:  # secret file gone, answer that is no DICOM JSON
            raise DeliveryFailed(type(error).__name__) from error

    def _client(self) -> DICOMwebClient:
        settings = self._settings
        session = requests.Session()
        session.trust_env = False  # no proxy and no .netrc behind the back of gateway.yaml
        if settings.username is not None and settings.password_file is not None:
            session.auth = (settings.username, _secret(settings.password_file))
        if settings.token_file is not None:
            session.headers["Authorization"] = f"Bearer {_secret(settings.token_file)}"
        if settings.tls is not None:
            if settings.tls.ca is not None:
                session.verify = str(settings.tls.ca)
            if settings.tls.certificate is not None:
                session.cert = (str(settings.tls.certificate), str(settings.tls.key))
        client = DICOMwebClient(
            settings.url.rstrip("/"),
            session=session,
            headers={"Accept": "application/dicom+json"},
            chunk_size=_CHUNK_BYTES,
            timeout=settings.timeout_s,
        )
        client.set_http_retry_params(retry=False)  # retries are the delivery's business
        return client


def _store(association: Association, dataset: FileDataset) -> None:
    try:
        answer = association.send_c_store(dataset)
    except ValueError as error:  # no accepted presentation context fits
        raise DeliveryFailed("transfer_syntax_not_accepted") from error
    except RuntimeError as error:  # the association is gone
        raise DeliveryFailed("connection_lost") from error
    if "Status" not in answer:
        raise DeliveryFailed("connection_lost")
    if answer.Status not in _TAKEN:
        raise DeliveryFailed(f"status_{answer.Status:04x}")


def _read(file: Path) -> FileDataset:
    try:
        return pydicom.dcmread(file)
    except (OSError, InvalidDicomError) as error:
        raise DeliveryFailed("result_unreadable") from error


def _presentation_contexts(files: list[Path]) -> dict[str, set[str]]:
    """Transfer syntaxes to offer for each SOP class: as written, for uncompressed files also the other plain one."""
    contexts: dict[str, set[str]] = {}
    for file in files:
        meta = pydicom.filereader.read_file_meta_info(file)
        syntax = meta.TransferSyntaxUID
        offered = _UNCOMPRESSED if syntax in _UNCOMPRESSED else (syntax,)
        contexts.setdefault(meta.MediaStorageSOPClassUID, set()).update(offered)
    return contexts


def _batches(files: list[Path]) -> Iterator[list[Path]]:
    batch: list[Path] = []
    size = 0
    for file in files:
        length = file.stat().st_size
        if batch and size + length > _BATCH_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(file)
        size += length
    if batch:
        yield batch


def _secret(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip()
